# SPDX-License-Identifier: GPL-2.0-or-later
"""How does the lab run commands, wait, and leave nothing behind?

A Lab owns everything that a test builds: it hands out names with a prefix that
no other run uses, keeps a temporary directory, and undoes all of it in the
opposite order, also after a failure or an interrupt.  What a killed run left is
swept by the next one.  Nothing here knows of switches.
"""
import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NETNS = Path("/run/netns")
REPOSITORY = Path(__file__).resolve().parents[3]
_libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(AssertionError):
    """A command ended with another status than 0; carries what it printed."""


class TimedOut(AssertionError):
    """A condition did not come true before its deadline."""


def _die_with_parent():
    PR_SET_PDEATHSIG = 1
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command, check=True, timeout=60, **options):
    """Runs one command to its end and returns its CompletedProcess, as text."""
    command = [str(word) for word in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=timeout, preexec_fn=_die_with_parent,
                          **{"stdin": subprocess.DEVNULL, **options} if "input" not in options
                          else options)
    if check and done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}: status {done.returncode}\n"
                            f"{done.stdout}{done.stderr}")
    return done


def spawn(*command, outlive=False, **options):
    """Starts a command that dies with this process, unless told to outlive it; its Popen."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([str(word) for word in command], start_new_session=outlive,
                            preexec_fn=None if outlive else _die_with_parent, **options)


def wait_until(condition, deadline=10.0, what=None, interval=0.02):
    """Returns condition()'s first true value; TimedOut with the last one after `deadline` s."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimedOut(f"{what or 'condition'}: still {value!r} after {deadline} s")
        time.sleep(interval)


def stop_process(process, how=signal.SIGTERM, deadline=5):
    """Ends a process that spawn() started; kills it when it does not obey."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(deadline)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdout, process.stderr, process.stdin):
        if stream:
            stream.close()
    return process.returncode


class Output:
    """A file that a process writes while we read it, each with an offset of its own."""

    def __init__(self):
        self._write = tempfile.NamedTemporaryFile("a")  # pylint: disable=consider-using-with

    def fileno(self):
        """For Popen(stdout=...)."""
        return self._write.fileno()

    def text(self):
        with open(self._write.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self):
        self._write.close()


class Lab:
    """Owner of namespaces, processes and files of one topology; a context manager.

    With a `prefix` of its own it may be kept: keep() leaves everything in place
    when the lab closes, and sweep(prefix) removes it later.
    """

    _serial = 0

    def __init__(self, name="lab", prefix=None):
        if os.geteuid() != 0:
            raise PermissionError("the lab makes network namespaces: run it as root")
        sweep()
        Lab._serial += 1
        self.prefix = prefix or f"ovl{os.getpid()}-{Lab._serial}"
        self._is_kept = self._may_outlive = False
        if prefix:
            sweep(prefix)
            self._may_outlive = True
            self.directory = Path(tempfile.gettempdir()) / f"{prefix}-files"
            self.directory.mkdir(mode=0o700)
        else:
            self.directory = Path(tempfile.mkdtemp(prefix=f"{self.prefix}-{name}-"))
        self._undo = []

    def keep(self):
        """What the lab has made stays when it closes."""
        self._is_kept = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def defer(self, function, *arguments):
        """Calls function(*arguments) when the lab closes; the last one deferred comes first."""
        self._undo.append((function, arguments))

    def spawn(self, *command, **options):
        process = spawn(*command, outlive=self._may_outlive, **options)
        self.defer(stop_process, process)
        return process

    def close(self):
        """Undoes everything; one failure does not keep the rest from being undone."""
        if self._is_kept:
            return
        failures = []
        while self._undo:
            function, arguments = self._undo.pop()
            try:
                function(*arguments)
            except Exception as error:  # pylint: disable=broad-except
                failures.append(f"{function.__name__}: {error}")
        unmount_below(self.directory)
        shutil.rmtree(self.directory, ignore_errors=True)
        if failures:
            raise CommandFailed("cleaning up: " + "; ".join(failures))


def unmount_below(directory):
    """Unmounts everything below a directory, here and in PID 1's mount namespace."""
    for mounts, enter in (("/proc/self/mounts", ()), ("/proc/1/mounts", ("nsenter", "-t1", "-m"))):
        points = [line.split()[1] for line in Path(mounts).read_text().splitlines()]
        for point in sorted((p for p in points if p.startswith(f"{directory}/")), reverse=True):
            run(*enter, "umount", "-l", point, check=False)


def _is_alive(pid):
    return Path(f"/proc/{pid}").exists()


def _is_left_over(name, prefix):
    if prefix:
        return name.startswith(f"{prefix}-")
    owner = re.match(r"ovl(\d+)-", name)
    return owner and not _is_alive(owner[1])


def _remove_namespace(name):
    for pid in run("ip", "netns", "pids", name, check=False).stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    run("ip", "netns", "del", name, check=False)


def sweep(prefix=None):
    """Removes what runs that were killed left: namespaces, their processes, mounts, files.

    With a prefix: what a lab of that prefix has made, whether it still runs or not.
    """
    for entry in NETNS.iterdir() if NETNS.exists() else ():
        if _is_left_over(entry.name, prefix):
            _remove_namespace(entry.name)
    for entry in Path(tempfile.gettempdir()).iterdir():
        if _is_left_over(entry.name, prefix):
            unmount_below(entry)
            shutil.rmtree(entry, ignore_errors=True)


def end_on_signals():
    """Makes SIGTERM and SIGHUP unwind the stack, so that finalizers run."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(128 + number))
