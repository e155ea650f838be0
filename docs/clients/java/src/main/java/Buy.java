import com.example.shop.ApiClient;
import com.example.shop.api.AuthApi;
import com.example.shop.api.OrdersApi;
import com.example.shop.api.SearchApi;
import com.example.shop.model.*;
import java.util.List;
import java.util.UUID;

public class Buy {
  public static void main(String[] arguments) throws Exception {
    var client = new ApiClient();
    client.updateBaseUri(arguments[0]);

    var person =
        new Register()
            .email(UUID.randomUUID() + "@people.example")
            .password("correct horse battery staple")
            .name("Ada Lovelace");
    var token = new AuthApi(client).register(person).getTokens().getAccessToken();
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));

    var page =
        new SearchApi(client)
            .searchProducts(20, null, null, null, null, null, null, true, SearchOrder.NEWEST);
    var item = new OrderItem().productId(page.getItems().get(0).getProductId()).quantity(1);
    var basket = new PlaceOrder().items(List.of(item)).paymentMethod("pm_ok");

    // Sent again with the same key, also after a crash, it buys nothing a second time.
    var orders = new OrdersApi(client);
    var key = UUID.randomUUID().toString();
    var placed = orders.placeOrder(key, basket, "respond-async");
    Order order = orders.getOrder(placed.getId());
    while (order.getStatus() == OrderStatus.PENDING) {
      Thread.sleep(200);
      order = orders.getOrder(placed.getId());
    }

    long amount = order.getTotal().getAmount();
    var currency = order.getTotal().getCurrency();
    System.out.println(order.getId() + ": " + order.getStatus() + ", " + amount + " " + currency);
  }
}
