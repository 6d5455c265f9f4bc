# SPDX-License-Identifier: GPL-2.0-or-later
"""How does a test make VMs talk?  ping(8) and iperf3(1), with what they reported.

Works on anything with run() and, for what goes on in the background, spawn():
containers, guests (run() only) and namespaces.
"""
import dataclasses
import json
import re
import signal
import subprocess

from .run import CommandFailed, Output, stop_process, wait_until

_ports = iter(range(20000, 60000))


@dataclasses.dataclass
class PingResult:
    sent: int
    received: int
    output: str

    @property
    def lost(self):
        return self.sent - self.received


def _ping_words(target, size, df, extra):
    words = ["ping", "-n", "-s", str(size)]
    if df is not None:
        words += ["-M", "do" if df else "dont"]
    return [*words, *extra, target]


def _ping_result(output):
    counts = re.search(r"(\d+) packets transmitted, (\d+) received", output)
    if not counts:
        raise CommandFailed(f"ping said: {output}")
    return PingResult(int(counts[1]), int(counts[2]), output)


def ping(vm, target, count=3, interval=0.01, size=56, df=None, wait=1, **options):
    """Pings and returns how many answers came; df: True forbids, False allows fragments."""
    extra = ["-c", count, "-i", interval, "-W", wait]
    done = vm.run(*_ping_words(target, size, df, [str(word) for word in extra]), check=False,
                  **options)
    return _ping_result(done.stdout + done.stderr)


class Pinger:
    """A ping that runs in the background until stop(), which returns its PingResult.

    Lost is what is missing among the answers: a request that was on its way when
    ping was stopped is not counted.
    """

    def __init__(self, vm, target, interval=0.002, size=56):
        self._output = Output()
        words = _ping_words(target, size, None, ["-i", str(interval), "-W", "1", "-O"])
        self._process = vm.spawn(*words, stdout=self._output, stderr=subprocess.STDOUT)
        self.wait_for_answers(1)

    def answers(self):
        return self._output.text().count(" bytes from ")

    def wait_for_answers(self, n, deadline=10):
        """Returns once n more answers have come."""
        want = self.answers() + n
        wait_until(lambda: self.answers() >= want, deadline, f"{n} more answers to ping")

    def stop(self):
        stop_process(self._process, signal.SIGINT)
        text = self._output.text()
        self._output.close()
        answered = {int(number) for number in re.findall(r" bytes from .*icmp_seq=(\d+)", text)}
        assert "DUP!" not in text, "an answer came twice"
        return PingResult(max(answered), len(answered), text[-4000:])


def serve(vm):
    """Starts an iperf3 server for one client in the VM; returns its port."""
    port = next(_ports)
    vm.run("iperf3", "-s", "-1", "-D", "-p", port)
    wait_until(lambda: f":{port:04X} " in vm.run("cat", "/proc/net/tcp", "/proc/net/tcp6").stdout,
               what=f"iperf3 server in {vm}")
    return port


def _client_words(address, port, seconds, amount, streams, reverse, extra):
    words = ["iperf3", "-c", address, "-p", str(port), "-J", "-P", str(streams),
             "--connect-timeout", "5000"]
    words += ["-n", str(amount)] if amount else ["-t", str(seconds)]
    return [*words, *(["-R"] if reverse else []), *extra]


def _report(output):
    try:
        report = json.loads(output)
    except ValueError as error:
        raise CommandFailed(f"iperf3 said: {output[-2000:]}") from error
    if "error" in report:
        raise CommandFailed(f"iperf3: {report['error']}")
    return report


def iperf(client, server, address=None, seconds=1, amount=None, streams=1, reverse=False,
          extra=(), timeout=60):
    """One iperf3 run from client to server; its report, see rate() and retransmits()."""
    port = serve(server)
    words = _client_words(address or server.v4, port, seconds, amount, streams, reverse, extra)
    return _report(client.run(*words, check=False, timeout=timeout).stdout)


def rate(report):
    """Bits per second that arrived."""
    end = report["end"]
    return (end.get("sum_received") or end["sum"])["bits_per_second"]


def retransmits(report):
    return report["end"]["sum_sent"].get("retransmits", 0)


class Stream:
    """An iperf3 TCP stream in the background; stop() waits for its end and gives the report."""

    def __init__(self, client, server, address=None, seconds=5, streams=1, extra=()):
        port = serve(server)
        self._output = Output()
        words = _client_words(address or server.v4, port, seconds, None, streams, False, extra)
        self._process = client.spawn(*words, stdout=self._output, stderr=subprocess.STDOUT)
        self._seconds = seconds

    def stop(self):
        self._process.wait(self._seconds + 20)
        text = self._output.text()
        self._output.close()
        return _report(text)
