import sys
import time
import uuid

import shop

configuration = shop.Configuration(host=sys.argv[1])
with shop.ApiClient(configuration) as client:
    person = shop.Register(
        email=f"{uuid.uuid4()}@people.example", password="correct horse battery staple", name="Ada Lovelace"
    )
    configuration.access_token = shop.AuthApi(client).register(person).tokens.access_token

    page = shop.SearchApi(client).search_products(in_stock=True, sort=shop.SearchOrder.NEWEST, limit=20)
    basket = shop.PlaceOrder(
        items=[shop.OrderItem(productId=page.items[0].product_id, quantity=1)], paymentMethod="pm_ok"
    )

    # Sent again with the same key, also after a crash, it buys nothing a second time.
    orders = shop.OrdersApi(client)
    placed = orders.place_order(idempotency_key=str(uuid.uuid4()), place_order=basket, prefer="respond-async")
    order = orders.get_order(placed.id)
    while order.status == shop.OrderStatus.PENDING:
        time.sleep(0.2)
        order = orders.get_order(placed.id)

    amount: int = order.total.amount
    print(f"{order.id}: {order.status.value}, {amount} {order.total.currency}")
