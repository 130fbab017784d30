"""Memory and times of answers at 10, 100 and 1,000 connections: python tests/benchmarks/connections.py

All connections stay open and report at the same time, each machine its next unchanged scan; so what grows is what a
connection costs. Beside it the same number of connections that say nothing. Printed for each number: answers a second,
median and 95th percentile, memory of the checker before and at the end, in MiB.
"""

from __future__ import annotations

import argparse
import resource
import socket
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from faulty import Checker, running  # noqa: E402
from fleet import enrolled_fleet, inventories_of, request_of  # noqa: E402
from load import put_load  # noqa: E402

from auditor.store.database import open_store  # noqa: E402

NUMBERS = (10, 100, 1000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=1000)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/z.db"
        store = open_store(url)
        fleet = enrolled_fleet(store, options.machines, now=now)
        store.close()
        with running(Checker(url, Path(name), settings={"ZHENGBAN_INTAKE_WAITING_DOCUMENTS": "2000"})) as checker:
            for turn, connections in enumerate((1, *NUMBERS)):
                documents = inventories_of(options.machines, seed=1, at=now - timedelta(hours=12 - turn))
                wanted = [request_of(member, each, now=now) for member, each in zip(fleet, documents, strict=True)]
                before = checker.memory_mib()
                outcome = put_load(checker.port, wanted, connections=connections)
                assert outcome.statuses == {200: options.machines}, outcome.statuses
                if connections > 1:  # the first one only makes the machines known
                    print(
                        f"{connections:5d} connections: {options.machines / outcome.took:7.1f} answers/s, "
                        f"median {outcome.quantile(0.5) * 1000:.0f} ms, 95 % {outcome.quantile(0.95) * 1000:.0f} ms, "
                        f"memory {before:.0f} -> {checker.memory_mib():.0f} MiB"
                    )
            before = checker.memory_mib()
            idle = [socket.create_connection(("127.0.0.1", checker.port)) for _ in range(NUMBERS[-1])]
            print(f"{len(idle)} more that say nothing: memory {before:.0f} -> {checker.memory_mib():.0f} MiB")


if __name__ == "__main__":
    main()
