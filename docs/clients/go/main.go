package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"time"

	"example.com/buy/shop"
)

func main() {
	configuration := shop.NewConfiguration()
	configuration.Servers = shop.ServerConfigurations{{URL: os.Args[1]}}
	client := shop.NewAPIClient(configuration)
	ctx := context.Background()

	person := shop.NewRegister(rand.Text()+"@people.example", "correct horse battery staple", "Ada Lovelace")
	signedIn, _, err := client.AuthAPI.Register(ctx).Register(*person).Execute()
	check(err)
	ctx = context.WithValue(ctx, shop.ContextAccessToken, signedIn.Tokens.AccessToken)

	page, _, err := client.SearchAPI.SearchProducts(ctx).InStock(true).Sort(shop.SEARCHORDER_NEWEST).Limit(20).Execute()
	check(err)
	item := shop.NewOrderItem(page.Items[0].ProductId, 1)
	basket := shop.NewPlaceOrder([]shop.OrderItem{*item}, "pm_ok")

	// Sent again with the same key, also after a crash, it buys nothing a second time.
	placed, _, err := client.OrdersAPI.PlaceOrder(ctx).IdempotencyKey(rand.Text()).Prefer("respond-async").
		PlaceOrder(*basket).Execute()
	check(err)
	order, _, err := client.OrdersAPI.GetOrder(ctx, placed.Id).Execute()
	check(err)
	for order.Status == shop.ORDERSTATUS_PENDING {
		time.Sleep(200 * time.Millisecond)
		order, _, err = client.OrdersAPI.GetOrder(ctx, placed.Id).Execute()
		check(err)
	}

	var amount int64 = order.Total.Amount
	fmt.Printf("%s: %s, %d %s\n", order.Id, order.Status, amount, order.Total.Currency)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
