import { events } from '../events';
import { exampleDataOf } from './example-data';

test.each([...events.values()].map((definition) => ({ definition, type: definition.type })))(
  'there is an example of the data of $type, with every field',
  ({ definition }) => {
    expect(Object.keys(exampleDataOf(definition)).sort()).toEqual(Object.keys(definition.data.shape).sort());
  },
);
