"""Ask `kortf serve`, or TF Serving, over gRPC. Needs `pip install tensorflow-serving-api`.

python examples/serving/grpc_client.py localhost:8500 nsmc '배우들의 연기가 훌륭하다'
"""

import sys

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc


def predict(server: str, model: str, texts: list[str], token: str = "") -> dict:
    """Return the outputs of a model for texts, as arrays by name."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.inputs["text"].CopyFrom(tf.make_tensor_proto(texts))
    metadata = [("authorization", f"Bearer {token}")] if token else []
    with grpc.insecure_channel(server) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        response = stub.Predict(request, timeout=30, metadata=metadata)
    return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}


if __name__ == "__main__":
    for name, value in predict(sys.argv[1], sys.argv[2], sys.argv[3:]).items():
        print(name, value.tolist())
