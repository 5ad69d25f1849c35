"""Signals: acknowledged while other code computes, obeyed at a safe place."""

import signal
import subprocess
import sys

import pytest

from kortf.train.loop.health.signals import Abandoned, StopRequest

BUSY = """
import hashlib, signal, sys, time
from kortf.train.loop.health import signals
stop = signals.StopRequest(lambda text: print(text, flush=True))
with stop:
    stop.replaceable = sys.argv[1] == "replaceable"
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", int(2e8))  # C code that no handler interrupts
"""


def test_a_signal_is_noted_and_handlers_are_restored():
    before = signal.getsignal(signal.SIGTERM)
    with StopRequest() as stop:
        assert stop.status == 0
        signal.raise_signal(signal.SIGTERM)
        assert stop.signal == signal.SIGTERM and stop.status == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_signal_ends_at_once():
    with StopRequest():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_block_that_changes_nothing_is_abandoned():
    with StopRequest() as stop:
        with pytest.raises(Abandoned), stop.abandonable():
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(Abandoned), stop.abandonable():
            raise AssertionError("it came before the block")
        assert stop.status == 130


def test_a_block_that_other_workers_take_part_in_is_not_abandoned():
    with StopRequest() as stop:
        with stop.abandonable(active=False):
            signal.raise_signal(signal.SIGINT)
        assert stop.signal == signal.SIGINT


def test_a_signal_gets_through_to_a_process_that_computes():
    argv = [sys.executable, "-c", BUSY, "replaceable"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline().startswith("SIGTERM: ")
    assert process.wait(timeout=60) == 143  # long before the computation would end
