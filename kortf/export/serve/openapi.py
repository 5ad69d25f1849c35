"""The OpenAPI description of the server."""

import kortf


def openapi(names: list[str]) -> dict:
    """Return the description, with the names of the models."""
    name = {
        "name": "name", "in": "path", "required": True,
        "schema": {"type": "string", "enum": names},
    }  # fmt: skip
    error = {
        "description": "The request is not valid.",
        "content": {"application/json": {"schema": {
            "type": "object", "required": ["error"], "properties": {"error": {"type": "string"}},
        }}},
    }  # fmt: skip
    errors = {code: error for code in ("400", "401", "404", "429", "504")}
    good = {
        "description": "The answer.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }

    def read(parameters=()):
        return {"get": {"parameters": list(parameters), "responses": {"200": good} | errors}}

    def send(schema: dict):
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        return {"post": {
            "parameters": [name], "requestBody": body, "responses": {"200": good} | errors,
        }}  # fmt: skip

    row = {"anyOf": [{"type": "string"}, {"type": "object"}]}
    predict = {
        "type": "object",
        "properties": {
            "signature_name": {"type": "string"},
            "instances": {"type": "array", "items": row, "minItems": 1},
            "inputs": {},
        },
    }
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype", "data"],
        "properties": {
            "name": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer"}},
            "datatype": {"type": "string"},
            "data": {"type": "array"},
        },
    }
    infer = {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "inputs": {"type": "array", "items": tensor, "minItems": 1},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "kortf serve", "version": kortf.__version__},
        "paths": {
            "/healthz": read(),
            "/v1/models/{name}": read([name]),
            "/v1/models/{name}/metadata": read([name]),
            "/v1/models/{name}:predict": send(predict),
            "/v2/models/{name}": read([name]),
            "/v2/models/{name}/infer": send(infer),
        },
    }
