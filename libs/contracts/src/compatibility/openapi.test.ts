import { publicApis } from '../apis';
import { createOpenApi } from '../openapi';
import type { Json } from '../openapi-components';
import { findBreakingApiChanges } from './openapi';

const original = createOpenApi(publicApis);

/** Changes a copy of the document. */
function changed(change: (document: any) => void): Json {
  const document = structuredClone(original);
  change(document);
  return document;
}
const orders = (document: any) => document.paths['/api/v1/orders'];
const schemas = (document: any) => document.components.schemas;
const register = (document: any) => schemas(document).Register;
const newOrder = (document: any) => schemas(document).PlaceOrder;
const parameterOf = (operation: any, name: string) => operation.parameters.find((p: any) => p.name === name);

describe('a change of the API breaks clients when', () => {
  it.each<[what: string, change: (document: any) => void, told: RegExp]>([
    ['an operation is gone', (d) => delete orders(d).get, /GET \/api\/v1\/orders: the operation is gone/],
    [
      'an operation moved',
      (d) => {
        d.paths['/api/v1/purchases'] = orders(d);
        delete d.paths['/api/v1/orders'];
      },
      /operation is gone/,
    ],
    [
      'an operation has another id',
      (d) => (orders(d).post.operationId = 'buy'),
      /operationId was placeOrder/,
    ],
    [
      'an answer has lost a field',
      (d) => delete schemas(d).Order.properties.total,
      /\/total: .*(gone|missing)/,
    ],
    [
      'a field of an answer has another name',
      (d) => {
        schemas(d).Money.properties.value = schemas(d).Money.properties.amount;
        delete schemas(d).Money.properties.amount;
      },
      /amount/,
    ],
    [
      'a field of an answer is gone for good',
      (d) => {
        schemas(d).Order.required = schemas(d).Order.required.filter((name: string) => name !== 'nextAction');
        delete schemas(d).Order.properties.nextAction;
      },
      /nextAction/,
    ],
    [
      'a field of an answer need not be there any more',
      (d) =>
        (schemas(d).Order.required = schemas(d).Order.required.filter((name: string) => name !== 'total')),
      /total: is needed, but may be missing/,
    ],
    [
      'a field of an answer may be null',
      (d) => (schemas(d).Order.properties.id = { anyOf: [{ type: 'string' }, { type: 'null' }] }),
      /\/id/,
    ],
    [
      'a field of an answer has another type',
      (d) => (schemas(d).Money.properties.amount = { type: 'string' }),
      /type string/,
    ],
    [
      'an answer has a value unheard of',
      (d) => schemas(d).OrderStatus.enum.push('lost'),
      /"lost" is not read/,
    ],
    ['a successful answer is gone', (d) => delete orders(d).post.responses['202'], /the answer 202 is gone/],
    ['an answer has lost a header', (d) => delete orders(d).post.responses['201'].headers, /header Location/],
    [
      'an answer is of another media type',
      (d) => {
        const { content } = orders(d).get.responses['200'];
        content['application/xml'] = content['application/json'];
        delete content['application/json'];
      },
      /application\/json any more/,
    ],
    [
      'a request needs another field',
      (d) => {
        register(d).properties.phone = { type: 'string' };
        register(d).required.push('phone');
      },
      /phone: is needed, but missing/,
    ],
    [
      'a request does not know a field any more',
      (d) => {
        delete register(d).properties.name;
        register(d).required = register(d).required.filter((each: string) => each !== 'name');
      },
      /name: is not known/,
    ],
    [
      'an optional field of a request is required',
      (d) => newOrder(d).required.push('expectedTotal'),
      /expectedTotal: is needed/,
    ],
    ['a request takes less', (d) => (newOrder(d).properties.items.maxItems = 10), /maxItems is 10/],
    ['a request takes other texts', (d) => (register(d).properties.name.pattern = '^[a-z]+$'), /pattern/],
    [
      'a request takes fewer values',
      (d) => (orders(d).get.parameters.find((p: any) => p.name === 'status').schema = { enum: ['pending'] }),
      /status/,
    ],
    [
      'a field that a schema takes over from another is gone',
      (d) => delete schemas(d).OrderDetails.allOf[1].properties.refunds,
      /orderId\}: .*\/refunds/,
    ],
    [
      'a number of an answer no longer fits its format',
      (d) => {
        const { expiresIn } = schemas(d).BrowserTokens.properties;
        delete expiresIn.maximum;
        expiresIn.format = 'int64';
      },
      /expiresIn: .*format is "int32" for the reader/,
    ],
    [
      'a request takes fewer numbers by their format',
      (d) => {
        const { delta } = schemas(d).AdjustStock.properties;
        delete delta.minimum;
        delete delta.maximum;
        delta.format = 'int16';
      },
      /delta: format is "int16"/,
    ],
    [
      'a parameter takes no longer what was accepted besides what is documented',
      (d) => delete parameterOf(d.paths['/api/v1/products/{productId}'].get, 'productId').schema['x-accepts'],
      /path parameter productId.*pattern/,
    ],
    [
      'a query parameter is gone',
      (d) => (orders(d).get.parameters = orders(d).get.parameters.filter((p: any) => p.name !== 'cursor')),
      /query parameter cursor is gone/,
    ],
    [
      'a parameter is new and required',
      (d) => orders(d).get.parameters.push({ name: 'shop', in: 'query', required: true, schema: {} }),
      /shop is new and required/,
    ],
    [
      'a header is required',
      (d) => (orders(d).post.parameters.find((p: any) => p.name === 'Prefer').required = true),
      /Prefer is required now/,
    ],
    [
      'a body is required',
      (d) => (orders(d).get.requestBody = { required: true, content: {} }),
      /needs a body now/,
    ],
    [
      'it is open to fewer people',
      (d) => (d.paths['/api/v1/products'].get.security = [{ bearer: [] }]),
      /needs bearer now/,
    ],
    ['it needs a role', (d) => (orders(d).get.security = [{ bearer: ['admin'] }]), /needs bearer admin now/],
  ])('%s', (_what, change, told) => {
    const found = findBreakingApiChanges(original, changed(change));
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(told)]));
  });
});

describe('a change of the API breaks nobody when', () => {
  it.each<[what: string, change: (document: any) => void]>([
    ['nothing changes', () => undefined],
    [
      'a switch in a query is documented as a boolean',
      (d) => (parameterOf(d.paths['/api/v1/search'].get, 'inStock').schema = { enum: ['false', 'true'] }),
    ],
    [
      'an integer of a request has a larger format',
      (d) => (schemas(d).OrderItem.properties.quantity.format = 'int64'),
    ],
    [
      'a header of an answer is spelt otherwise',
      (d) => {
        const { headers } = orders(d).post.responses['201'];
        headers.LOCATION = headers.location ?? headers.Location;
        delete headers.location;
        delete headers.Location;
      },
    ],
    [
      'an operation is new',
      (d) => (d.paths['/api/v1/wishes'] = { get: { operationId: 'listWishes', responses: {} } }),
    ],
    ['an answer has another field', (d) => (schemas(d).Order.properties.note = { type: 'string' })],
    ['an answer always has a field that it may have had', (d) => schemas(d).Problem.required.push('detail')],
    ['an answer says less of what it could', (d) => schemas(d).AvailabilityStatus.enum.pop()],
    ['a request takes another optional field', (d) => (register(d).properties.phone = { type: 'string' })],
    ['a request needs a field no more', (d) => (register(d).required = [])],
    ['a request takes more', (d) => (newOrder(d).properties.items.maxItems = 100)],
    [
      'an optional parameter is new',
      (d) => orders(d).get.parameters.push({ name: 'sort', in: 'query', schema: { type: 'string' } }),
    ],
    [
      'a required header is optional',
      (d) => (orders(d).post.parameters.find((p: any) => p.name === 'Idempotency-Key').required = false),
    ],
    ['it answers with another problem', (d) => (orders(d).get.responses['410'] = { description: 'Gone' })],
    ['it is described otherwise', (d) => (orders(d).get.description = 'Better words')],
    [
      'a path parameter has another name',
      (d) => {
        const item = d.paths['/api/v1/orders/{orderId}'];
        item.get.parameters.find((p: any) => p.in === 'path').name = 'id';
        d.paths['/api/v1/orders/{id}'] = item;
        delete d.paths['/api/v1/orders/{orderId}'];
      },
    ],
    ['anyone may use it', (d) => delete orders(d).get.security],
  ])('%s', (_what, change) => {
    expect(findBreakingApiChanges(original, changed(change))).toEqual([]);
  });
});
