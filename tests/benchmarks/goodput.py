"""How many bytes a second a plain socket gets through a line: what TCP leaves of its rate."""

import socket
import threading
import time

from tests.benchmarks.relay import HOST

SECONDS = 3.0
SKIPPED = 0.25  # of the bytes: slow start, and the burst that passes at once
BLOCK = 64 * 1024


def goodput(port: int, bits_per_second: float) -> float:
    """Send to a listener of our own on this port, for about SECONDS; return bytes a second. The port must be free."""
    size = int(bits_per_second / 8 * SECONDS)
    with socket.create_server((HOST, port)) as listener:
        arrived: list[tuple[float, int]] = []
        sink = threading.Thread(target=_receive, args=(listener, size, arrived))
        sink.start()
        with socket.create_connection((HOST, port)) as sender:
            sender.sendall(bytes(size))
            sink.join()
    begun = next(index for index, (_, so_far) in enumerate(arrived) if so_far >= size * SKIPPED)
    (first_at, first), (last_at, last) = arrived[begun], arrived[-1]
    return (last - first) / (last_at - first_at)


def _receive(listener: socket.socket, size: int, arrived: list[tuple[float, int]]) -> None:
    connection, _ = listener.accept()
    with connection:
        received = 0
        while received < size and (data := connection.recv(BLOCK)):
            received += len(data)
            arrived.append((time.monotonic(), received))
