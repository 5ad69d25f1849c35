"""A server of models: TF Serving's REST and gRPC, the Open Inference Protocol, and a page."""
