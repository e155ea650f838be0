import { describeShop } from './suite';

const origin = process.env['BASE_URL'];
if (!origin) throw new Error('BASE_URL is missing: the address of the shop, such as http://127.0.0.1:3000');

describeShop(() => origin);
