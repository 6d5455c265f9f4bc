# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the daemon stand clients that err, stall, vanish or come in crowds, and a full disk?"""
import contextlib
import json
import resource
import selectors
import socket

import pytest

from lab import Container, ping, run, wait_until, wire
from lab.topology import ours, underlay_addresses, vm_addresses
from steady import pair, running_state, unchanged  # noqa: F401  pylint: disable=unused-import


BAD_BODIES = {"a brace": "{", "a list": "[]", "null": "null", "a string": "\"blue\"",
              "half an object": "{\"name\": \"x\"", "binary": "\x00\xff",
              "a real number": "{\"name\": \"x\", \"vni\": 1e9}", "nesting": "[" * 100000}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_json_that_is_none_or_not_an_object_is_refused(unchanged, body):
    status, answer = unchanged.api("POST", "segments", body.encode("latin-1"))
    assert 400 <= status < 500 and answer["error"]["message"], (status, answer)


REQUESTS = [("GET", "nothing", 404), ("DELETE", "status", 405), ("PUT", "segments", 405),
            ("GET", "segments/mauve", 404), ("GET", "fdb?segment=mauve", 404),
            ("GET", "fdb?colour=blue", 400), ("GET", "../../etc/passwd", 404),
            ("GET", "segments/" + "x" * 4000, 404)]


@pytest.mark.parametrize("method, path, expected", REQUESTS,
                         ids=[f"{method} {path:.20}" for method, path, _ in REQUESTS])
def test_requests_that_make_no_sense_get_the_status_that_fits(unchanged, method, path, expected):
    status, answer = unchanged.api(method, path)
    assert status == expected, answer
    assert answer["error"]["message"]


def _connect(hypervisor):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(20)
    client.connect(str(hypervisor.socket))
    return client


def test_a_client_that_sends_half_a_request_does_not_keep_others_waiting(unchanged):
    halves = [b"", b"GET", b"GET /v1/status HTTP/1.1\r\nHost:",
              b"POST /v1/segments HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"name\":"]
    with contextlib.ExitStack() as stack:
        for half in halves * 10:
            client = stack.enter_context(_connect(unchanged))
            client.sendall(half)
        for _ in range(20):
            assert unchanged.api("GET", "status", timeout=2)[0] == 200


def test_a_client_that_goes_away_in_the_middle_is_forgotten(unchanged):
    for _ in range(50):
        with _connect(unchanged) as client:
            client.sendall(b"GET /v1/fdb HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/wa")
    assert unchanged.api("GET", "status", timeout=2)[0] == 200


def test_rubbish_on_the_socket_is_refused(unchanged):
    for rubbish in (b"\x16\x03\x01\x02\x00", b"A" * 100000 + b"\r\n\r\n",
                    b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000):
        with _connect(unchanged) as client, contextlib.suppress(OSError):
            client.sendall(rubbish)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(1)
            client.recv(65536)
    assert unchanged.api("GET", "status", timeout=2)[0] == 200


def test_a_thousand_clients_at_once_are_all_answered(unchanged):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    request = b"GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(1000):
            client = stack.enter_context(_connect(unchanged))
            selector.register(client, selectors.EVENT_READ, bytearray())
        for key in list(selector.get_map().values()):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                key.fileobj.sendall(request)
        answers = []

        def all_answered():
            for key, _ in selector.select(0):
                try:
                    data = key.fileobj.recv(65536)
                except ConnectionResetError:
                    data = b""
                key.data.extend(data)
                if not data:
                    answers.append(bytes(key.data))
                    selector.unregister(key.fileobj)
            return len(answers) == 1000
        wait_until(all_answered, deadline=60, what="1000 answers", interval=0)
    statuses = [answer[9:12] for answer in answers]
    # A busy server may say so (503), but it says it.
    assert set(statuses) <= {b"200", b"503"}, {s: statuses.count(s) for s in set(statuses)}
    assert statuses.count(b"200") >= 100
    assert json.loads(answers[statuses.index(b"200")].split(b"\r\n\r\n", 1)[1].decode()
                      if b"chunked" not in answers[statuses.index(b"200")] else "{}") is not None
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_full_disk_under_the_runtime_directory_refuses_changes_and_keeps_the_state(own_lab):
    h1, h2 = ours(own_lab, 1, [2]), ours(own_lab, 2, [1])
    wire(h1, h2)
    vms = []
    h1.runtime.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=256k", "none", h1.runtime)
    for number, hypervisor in ((1, h1), (2, h2)):
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1450))
        hypervisor.start()
    filler = h1.runtime / "filler"
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    before = running_state(h1)
    done = h1.ctl("segment add green vni 6000", check=False)
    assert done.returncode == 1 and "space" in done.stderr.lower(), done.stderr
    assert running_state(h1) == before
    assert ping(vms[0], vms[1].v4).lost == 0
    h1.kill()
    h1.start(write=False)
    assert running_state(h1) == before
    assert ping(vms[0], vms[1].v4).lost == 0
    filler.unlink()
    h1.ctl("segment add green vni 6000")
    assert "green" in [segment["name"] for segment in h1.listed("segments")]
