"""Start, watch and stop a server."""

import contextlib
import dataclasses
import ipaddress
import signal
import sys
import threading
from collections.abc import Callable

import uvicorn

from kortf.errors import InputError
from kortf.export.options import ExportOptions
from kortf.export.serve.batcher import Limits
from kortf.export.serve.http_app import HttpApp
from kortf.export.serve.metrics import Metrics
from kortf.export.serve.model_store import ModelStore

GRACE = 30.0  # seconds in which a stopping server finishes its requests


@dataclasses.dataclass(frozen=True)
class ServerSettings:
    """Addresses, ports and limits of a server.

    Attributes:
        host: Address to bind to.
        port: HTTP port; 0 for any free one.
        grpc_port: gRPC port; 0 for no gRPC.
        api_token: Token that requests must carry; "" for none.
        insecure: Whether other machines may send requests without a token.
        poll: Seconds between looks for new versions; 0 for none.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int = 8500
    api_token: str = ""
    insecure: bool = False
    poll: float = 5.0

    def check(self) -> None:
        """Refuse an open server without a token.

        Raises:
            InputError: Other machines could send requests, and neither setting allows that.
        """
        if not self.api_token and not self.insecure and not is_local(self.host):
            problem = "other machines could send requests without a token"
            raise InputError(f"--host={self.host}", problem, "give --api_token or --insecure")


def is_local(host: str) -> bool:
    """Return whether an address is reached from this machine alone.

    Example:
        >>> is_local("127.0.0.1"), is_local("0.0.0.0")
        (True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _HttpServer(uvicorn.Server):
    """uvicorn's server, which ends by a return instead of by the signal, so that gRPC ends too."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]):
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig, frame) -> None:
        threading.Thread(target=self._on_exit).start()  # not inside of a signal handler
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self):
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    models: dict[str, str], settings: ServerSettings, limits: Limits, options: ExportOptions
) -> None:
    """Serve models until SIGINT or SIGTERM; the command `kortf serve`.

    A stopping server refuses new connections and finishes the requests at hand, by HTTP and gRPC.

    Raises:
        InputError: A model cannot be loaded, or a port is in use.
    """
    settings.check()
    store = ModelStore(models, limits, options)
    metrics = Metrics(store)
    grpc_server = None
    if settings.grpc_port:
        grpc_server = _start_grpc(store, settings, limits, metrics)
    app = HttpApp(store, limits, metrics, settings.api_token, is_local(settings.host)).build()
    config = uvicorn.Config(
        app, settings.host, settings.port, log_config=None, access_log=False, lifespan="off",
        timeout_graceful_shutdown=int(GRACE), server_header=False, backlog=2048,
        h11_max_incomplete_event_size=64 << 10,
    )  # fmt: skip
    if settings.poll:
        store.watch(settings.poll)

    def stop_grpc():
        if grpc_server is not None:
            grpc_server.stop(GRACE)

    server = _HttpServer(config, stop_grpc)
    threading.Thread(target=_announce, args=(server, settings, store), daemon=True).start()
    try:
        server.run()
    except SystemExit as error:
        problem = "the HTTP port cannot be bound"
        raise InputError(f"--port={settings.port}", problem, "give another --port") from error
    finally:
        stop_grpc()
        store.close()


def _start_grpc(store: ModelStore, settings: ServerSettings, limits: Limits, metrics: Metrics):
    try:
        from kortf.export.serve.grpc_services import GrpcServer
    except ImportError as error:
        problem = f"gRPC needs a package that is not installed ({error.name})"
        cure = "pip install 'kortf[serve]', or give --grpc_port=0"
        raise InputError(f"--grpc_port={settings.grpc_port}", problem, cure) from error
    server = GrpcServer(store, limits, metrics, settings.api_token)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        server.start(f"{host}:{settings.grpc_port}")
    except RuntimeError as error:
        problem = "the gRPC port cannot be bound"
        raise InputError(f"--grpc_port={settings.grpc_port}", problem, "give another") from error
    return server


def _announce(server: uvicorn.Server, settings: ServerSettings, store: ModelStore) -> None:
    while not server.started:
        if server.should_exit:
            return
        threading.Event().wait(0.02)
    sockets = [s for each in server.servers for s in each.sockets]
    port = sockets[0].getsockname()[1] if sockets else settings.port
    for name in store.names:
        model = store.get(name).model
        kind = model.description.get("kind", "model")
        print(f"{name}: {kind}, version {model.version}", file=sys.stderr)
    host = "localhost" if is_local(settings.host) else settings.host
    grpc = f", gRPC on port {settings.grpc_port}" if settings.grpc_port else ""
    print(f"serving at http://{host}:{port}/{grpc}", file=sys.stderr, flush=True)
