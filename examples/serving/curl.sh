#!/usr/bin/env bash
# Ask `kortf serve`, or TF Serving, with curl:
#
#   examples/serving/curl.sh http://localhost:8501 nsmc '배우들의 연기가 훌륭하다'
#
# TOKEN is the server's --api_token, if it has one.
set -euo pipefail

server=$1 model=$2
shift 2
# The texts as JSON strings, whatever characters they have.
body=$(python3 -c 'import json, sys; print(json.dumps({"instances": sys.argv[1:]}))' "$@")
curl --fail-with-body --silent --show-error \
  ${TOKEN:+--header "Authorization: Bearer $TOKEN"} \
  --header 'Content-Type: application/json' \
  --data "$body" "$server/v1/models/$model:predict"
