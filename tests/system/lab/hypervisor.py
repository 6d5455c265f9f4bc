# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a hypervisor of ours?  A namespace in which one `overlaid` runs.

The programs come from $OVERLAID_BUILD, or build/ of the repository.
"""
import http.client
import json
import os
import signal
import socket
import time
from pathlib import Path

import yaml

from .netns import Namespace
from .run import REPOSITORY, CommandFailed, run, stop_process, wait_until


def build_directory():
    return Path(os.environ.get("OVERLAID_BUILD") or REPOSITORY / "build").resolve()


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout=20):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Hypervisor(Namespace):
    """`config` is the configuration file as a dict; change it before start() or reload()."""

    def __init__(self, lab, name, config=None, binary=None):
        super().__init__(lab, name)
        self.config = {} if config is None else config
        self.binary = Path(binary or build_directory() / "overlaid")
        self.directory = lab.directory / name
        self.directory.mkdir()
        self.config_file = self.directory / "overlaid.yaml"
        self.runtime = self.directory / "run"
        self.log_file = self.directory / "overlaid.log"
        self.process = None
        lab.defer(self._end)

    # Life of the daemon

    def write_config(self, config=None):
        if config is not None:
            self.config = config
        text = self.config if isinstance(self.config, str) \
            else yaml.safe_dump(self.config, sort_keys=False)
        self.config_file.write_text(text, encoding="utf-8")

    def start(self, write=True, wait=True, wrapper=(), binary=None):
        """Starts the daemon; returns when its API answers."""
        if write:
            self.write_config()
        words = [*wrapper, binary or self.binary, "--config", self.config_file,
                 "--runtime-dir", self.runtime]
        with open(self.log_file, "a", encoding="utf-8") as log:
            log.write(f"--- start {time.time()}\n")
            log.flush()
            spawn = self.lab.spawn if wrapper else self.spawn
            self.process = spawn(*words, stdout=log, stderr=log)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, deadline=20):
        def answers():
            if self.process.poll() is not None:
                raise CommandFailed(f"overlaid ended with status {self.process.returncode}:\n"
                                    f"{self.log()}")
            try:
                return self.api("GET", "status")[0] == 200
            except (OSError, http.client.HTTPException):
                return False
        wait_until(answers, deadline, f"API of {self.name}")

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def stop(self):
        return stop_process(self.process, signal.SIGTERM)

    def kill(self):
        return stop_process(self.process, signal.SIGKILL)

    def restart(self, **options):
        self.stop()
        return self.start(**options)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def _end(self):
        if self.process is None:
            return
        if self.process.poll() is None and self.socket.exists():
            self.ctl("datapath", "unload", check=False, timeout=20)
        stop_process(self.process)
        # A sanitized build complains in its log; the daemon may have gone on.
        complaints = [line for line in self.log().splitlines()
                      if "Sanitizer" in line or "runtime error:" in line]
        if complaints:
            raise CommandFailed(f"{self.name}: {complaints}\n{self.log()[-8000:]}")

    # The API and the command line

    @property
    def socket(self):
        return self.runtime / "overlaid.sock"

    def api(self, method, path, body=None, content_type="application/json", timeout=20):
        """(HTTP status, decoded body) of one request; a dict is sent as JSON."""
        connection = UnixConnection(self.socket, timeout)
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            headers = {"Content-Type": content_type} if body is not None else {}
            connection.request(method, f"/v1/{path}", body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def ctl(self, *words, **options):
        """overlayctl WORDS; a CompletedProcess."""
        if len(words) == 1:
            words = str(words[0]).split()
        return run(build_directory() / "overlayctl", "--socket", self.socket, *words, **options)

    def show(self, *words, **options):
        """overlayctl --json WORDS, decoded."""
        if len(words) == 1:
            words = str(words[0]).split()
        return json.loads(self.ctl("--json", *words, **options).stdout)

    # What tests ask most

    def plug(self, port, segment=None):
        """Makes a device a port: in the configuration before start(), live afterwards."""
        segment = segment or self.config["segments"][0]["name"]
        if self.process is None:
            self.config.setdefault("ports", []).append({"device": port, "segment": segment})
        else:
            self.ctl("port", "add", port, "segment", segment)

    def address(self, *addresses, device="eth1"):
        for address in addresses:
            self.ip(f"address add {address} dev {device}")

    def listed(self, path):
        """The objects of a list in the API's answer, whatever it is wrapped in."""
        status, body = self.api("GET", path)
        assert status == 200, (path, status, body)
        if isinstance(body, dict):
            (body,) = [value for value in body.values() if isinstance(value, list)]
        return body

    def state(self, plural, name):
        """The `state` of one object: state("ports", "tap0")."""
        status, body = self.api("GET", f"{plural}/{name}")
        assert status == 200, (plural, name, status, body)
        return body["state"]

    def traffic(self, noun, name):
        """Counters of a segment, port or peer: traffic("port", "tap0")["rx-frames"]."""
        return self.state(f"{noun}s", name)["traffic"]

    def fdb(self, **filters):
        """FDB entries as flat dicts: segment, mac, port or peer, source, age, moves."""
        query = "&".join(f"{key}={value}" for key, value in filters.items())
        entries = self.listed(f"fdb?{query}" if query else "fdb")
        return [{**entry, **entry.get("state", {})} for entry in entries]

    def fdb_entry(self, mac, **filters):
        found = [entry for entry in self.fdb(**filters) if entry["mac"] == mac.lower()]
        return found[0] if found else None

    def drops(self):
        """{reason: frames} over all segments, ports and peers."""
        total = {}
        for drop in self.listed("drops"):
            total[drop["reason"]] = total.get(drop["reason"], 0) + drop["frames"]
        return total

    def dropped(self, reason):
        return self.drops().get(reason, 0)
