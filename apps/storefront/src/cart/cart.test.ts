import { createSharedStorage } from '../testing/shared-storage';
import { countOf, createCart, totalOf } from './cart';

const kettle = {
  productId: 'k',
  slug: 'enamel-kettle-red',
  name: 'Enamel Kettle, Red',
  category: 'kitchen',
  price: { amount: 4900, currency: 'EUR' },
};
const pan = {
  ...kettle,
  productId: 'p',
  slug: 'iron-pan',
  name: 'Iron Pan',
  price: { amount: 3550, currency: 'EUR' },
};

test('a cart survives a reload', () => {
  const shared = createSharedStorage();
  createCart(shared.openTab()).add(kettle, 2);
  expect(createCart(shared.openTab()).lines()).toEqual([{ ...kettle, quantity: 2 }]);
});

test('two tabs see and keep what the other adds', () => {
  const shared = createSharedStorage();
  const [one, other] = [createCart(shared.openTab()), createCart(shared.openTab())];
  const told = jest.fn();
  one.subscribe(told);
  one.add(kettle, 1);
  other.add(pan, 1);
  other.add(kettle, 1);
  expect(told).toHaveBeenCalledTimes(3);
  expect(one.lines()).toEqual([
    { ...kettle, quantity: 2 },
    { ...pan, quantity: 1 },
  ]);
  expect(totalOf(one.lines())).toEqual({ amount: 13_350, currency: 'EUR' });
});

test('what was ordered leaves the cart, and what was added meanwhile stays', () => {
  const shared = createSharedStorage();
  const [one, other] = [createCart(shared.openTab()), createCart(shared.openTab())];
  one.add(kettle, 2);
  other.add(pan, 1);
  other.add(kettle, 1);
  one.takeOut([{ productId: 'k', quantity: 2 }]);
  expect(other.lines()).toEqual([
    { ...kettle, quantity: 1 },
    { ...pan, quantity: 1 },
  ]);
});

test('quantities stay within what an order takes', () => {
  const cart = createCart(createSharedStorage().openTab());
  cart.add(kettle, 98);
  cart.add(kettle, 5);
  expect(countOf(cart.lines())).toBe(99);
  for (let n = 0; n < 60; n++) cart.add({ ...pan, productId: `p${n}` }, 1);
  expect(cart.lines()).toHaveLength(50);
  cart.setQuantity('k', 1000);
  expect(cart.lines()[0]?.quantity).toBe(99);
  cart.setQuantity('k', 0);
  expect(cart.lines()[0]?.productId).toBe('p0');
});

test.each(['{', '{}', '[null]', '[{"productId":"k"}]', `[${JSON.stringify({ ...kettle, quantity: 0.5 })}]`])(
  'a stored %s is an empty cart',
  (text) => {
    expect(createCart(createSharedStorage({ 'bulkhead.cart': text }).openTab()).lines()).toEqual([]);
  },
);

test('prices in two currencies have no sum', () => {
  const lines = [kettle, { ...pan, price: { amount: 1, currency: 'CHF' } }].map((line) => ({
    ...line,
    quantity: 1,
  }));
  expect(totalOf(lines)).toBeUndefined();
});
