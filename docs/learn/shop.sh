# For the second terminal, from the root of the workspace: . docs/learn/shop.sh
# Words for the shop that runs here. All they know is what it wrote into its data folder when it started.

# kept FILE PROPERTY: something of a JSON file in the data folder
kept() { node -p "JSON.parse(require('node:fs').readFileSync('${DATA_DIR:-.bulkhead}/$1', 'utf8'))$2"; }

shop_url() { kept places.json .origin; }

# admin_url SERVICE: the admin port of the process in which it runs
admin_url() { kept places.json ".processes['$1'].admin"; }

# A token of the example customer, who buys everything in these pages
token() {
  curl -s "$(shop_url)/api/v1/auth/login" -H 'content-type: application/json' \
    -d "{\"email\":\"ada@shop.example\",\"password\":\"$(kept secrets.json .customerPassword)\"}" |
    node -p 'JSON.parse(require("node:fs").readFileSync(0)).tokens.accessToken'
}

# show URL [OPTIONS OF curl…]: the response, its status and how long it took
show() { curl -s -m 60 -w '\n%{http_code} after %{time_total} s\n' "$@"; }

# Buys one of the first product that is listed
buy() {
  product=$(curl -s "$(shop_url)/api/v1/products?limit=1" |
    node -p 'JSON.parse(require("node:fs").readFileSync(0)).items[0].productId')
  show "$(shop_url)/api/v1/orders" -H "authorization: Bearer $(token)" -H 'content-type: application/json' \
    -H "idempotency-key: $(node -p 'crypto.randomUUID()')" \
    -d "{\"items\":[{\"productId\":\"$product\",\"quantity\":1}],\"paymentMethod\":\"pm_ok\"}"
}

# faults SERVICE JSON: sets faults in the process of a service; [] ends them
faults() {
  show "$(admin_url "$1")/faults" -X PUT -H "authorization: Bearer $(kept secrets.json .adminToken)" \
    -H 'content-type: application/json' -d "{\"faults\":$2}"
}
