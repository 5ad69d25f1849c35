"""Errors of requests, each with its HTTP status and gRPC code."""


class RequestError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: HTTP status.
        code: Name of the gRPC status code.
    """

    status = 400
    code = "INVALID_ARGUMENT"


class ForbiddenError(RequestError):
    """The request names another host."""

    status, code = 403, "PERMISSION_DENIED"


class UnauthorizedError(RequestError):
    """The request carries no token, or a wrong one."""

    status, code = 401, "UNAUTHENTICATED"


class NotFoundError(RequestError):
    """There is no such model, version or path."""

    status, code = 404, "NOT_FOUND"


class BusyError(RequestError):
    """The queue is full."""

    status, code = 429, "RESOURCE_EXHAUSTED"


class SlowError(RequestError):
    """The answer took longer than the time limit."""

    status, code = 504, "DEADLINE_EXCEEDED"


class ModelError(RequestError):
    """The model failed on a valid request."""

    status, code = 500, "INTERNAL"


class RetiredError(Exception):
    """A newer version has replaced the model: send the request to that one."""
