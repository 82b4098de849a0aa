# SPDX-License-Identifier: GPL-2.0-or-later
"""Start QEMU guests with Debian's kernel and run commands in them."""
import base64
import functools
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SCRIPTS = TOP + "/scripts"
CACHE = (os.environ.get("XDG_CACHE_HOME") or
         os.path.expanduser("~/.cache")) + "/lio-srp"
DEBIAN = "13"                           # the release, if nothing names another
PROBE = 20                              # seconds to test KVM
LOST = 125


class Lost(Exception):
    """The guest cannot be used any more; the argument is the reason."""


def script(name, *args):
    """Run one of our scripts; return the path that it prints."""
    done = subprocess.run([SCRIPTS + "/" + name] + list(args), check=False,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout.decode().strip()


@functools.cache
def qemu():
    """Path of QEMU."""
    return script("guest/qemu.sh")


def boots(accelerator, kernel):
    """Return whether a kernel boots until it misses its root file system."""
    command = [qemu(), "-nodefaults", "-display", "none", "-no-reboot", "-m", "512",
               "-machine", "q35"] + accelerator + [
               "-serial", "stdio", "-kernel", kernel + "/vmlinuz",
               "-append", "console=ttyS0 panic=-1"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, timeout=PROBE,
                              stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return b"Unable to mount root fs" in done.stdout


def accelerator(kernel):
    """Options for QEMU.  Use KVM only if a guest really boots with it.

    /dev/kvm may exist without working.  The result is cached until the host reboots.
    """
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
        boot = f.read().strip()
    record = CACHE + "/debian/accelerator"
    try:
        with open(record, encoding="ascii") as f:
            known = f.read().split()
    except OSError:
        known = []
    if known[:1] != [boot]:
        works = os.access("/dev/kvm", os.R_OK | os.W_OK) and boots(
            ["-accel", "kvm", "-cpu", "host"], kernel)
        known = [boot, "kvm" if works else "tcg"]
        os.makedirs(os.path.dirname(record), exist_ok=True)
        with open(record + ".new", "w", encoding="ascii") as f:
            print(*known, file=f)
        os.rename(record + ".new", record)
    if known[1] == "kvm":
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]


class Share:
    """A host directory that a guest can mount with virtiofs."""

    def __init__(self, tag, source, directory, writable=False):
        self.tag = tag
        self.path = "%s/%s.fs" % (directory, tag)
        # Mount the directory read-only in a private namespace of the daemon, so
        # that no guest can write to it
        inside = "%s/%s.dir" % (directory, tag)
        os.mkdir(inside)
        bind = 'mount --rbind "$0" "$1"'
        if not writable:
            bind += ' && mount -o remount,bind,ro "$1"'
        with open("%s/%s.log" % (directory, tag), "wb") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                ["unshare", "-m", "--propagation", "private", "sh", "-c", bind +
                 ' && exec /usr/lib/qemu/virtiofsd --socket-path="$2"'
                 ' -o source="$1" -o cache=auto', source, inside, self.path],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + 10
        while not os.path.exists(self.path):
            if self.process.poll() is not None or time.monotonic() > until:
                raise Lost("virtiofsd did not start: " + log.name)
            time.sleep(0.01)

    def options(self):
        return ["-chardev", "socket,id=%s,path=%s" % (self.tag, self.path),
                "-device", "vhost-user-fs-pci,chardev=%s,tag=%s" % (self.tag,
                                                                    self.tag)]


class Channel:
    """A socket for lines of JSON, to which QEMU connects."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        self.path = path
        self.lock = threading.Lock()
        self.socket = None

    def accept(self):
        self.listener.settimeout(20)
        self.socket = self.listener.accept()[0]

    def send(self, **message):
        with self.lock:
            self.socket.sendall(json.dumps(message).encode() + b"\n")

    def lines(self):
        """Yield messages until the end; skip invalid lines."""
        with self.socket.makefile("rb") as f:
            for line in f:
                try:
                    yield json.loads(line)
                except ValueError:
                    pass


class Machine:
    """A guest.  Its console is written to the file .console."""

    def __init__(self, name, directory, kernel, options, append, mib, cpus=1):
        self.name = name
        self.console = "%s/%s.console" % (directory, name)
        self.commands = {}              # id: queue of messages
        self.number = 0
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.lost = self.boot = None
        self.expected = True            # whether a boot is expected
        self.channel = Channel("%s/%s.channel" % (directory, name))
        self.monitor = Channel("%s/%s.monitor" % (directory, name))
        self.answers = queue.Queue()
        command = [
            qemu(), "-nodefaults", "-display", "none", "-machine", "q35",
            "-name", name, "-m", str(mib), "-smp", str(cpus),
            "-action", "reboot=shutdown,panic=shutdown",
            "-serial", "file:" + self.console,
            "-chardev", "socket,id=monitor,path=" + self.monitor.path,
            "-mon", "chardev=monitor,mode=control",
            "-device", "virtio-serial-pci",
            "-chardev", "socket,id=channel,path=" + self.channel.path,
            "-device", "virtserialport,name=lio-srp,chardev=channel",
            "-device", "virtio-rng-pci",
            "-append", "console=ttyS0 oops=panic panic=-1 net.ifnames=0 " + append,
        ] + accelerator(kernel) + options
        with open("%s/%s.qemu" % (directory, name), "wb") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        try:
            self.monitor.accept()
            self.channel.accept()
        except TimeoutError:
            self.process.kill()
            with open(log.name, encoding="utf-8", errors="replace") as f:
                raise Lost("QEMU did not start: " + f.read()) from None
        for target in self.watch, self.answer:
            threading.Thread(target=target, daemon=True).start()
        self.qmp("qmp_capabilities")

    def answer(self):
        for message in self.monitor.lines():
            if "return" in message or "error" in message:
                self.answers.put(message)

    def qmp(self, execute, **arguments):
        self.monitor.send(execute=execute, arguments=arguments)
        answer = self.answers.get(timeout=20)
        if "error" in answer:
            raise Lost("QEMU: %s: %s" % (execute, answer["error"]["desc"]))
        return answer["return"]

    def cpu_seconds(self):
        """CPU time that the threads of the guest's CPUs have used."""
        ticks = 0
        for cpu in self.qmp("query-cpus-fast"):
            with open("/proc/%d/task/%d/stat" % (self.process.pid, cpu["thread-id"]),
                      encoding="utf-8") as f:
                ticks += sum(map(int, f.read().rpartition(")")[2].split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def watch(self):
        """Handle messages of the agent until the guest is gone."""
        try:
            for message in self.channel.lines():
                if "hello" in message:
                    self.hello(message["hello"])
                    continue
                with self.lock:
                    command = self.commands.get(message["id"])
                if command:
                    command.put(message)
        except OSError:
            pass
        self.lose("its QEMU ended")

    def hello(self, boot):
        with self.changed:
            expected, self.expected = self.expected, False
            self.boot = boot
            self.changed.notify_all()
        if not expected:
            self.lose("it booted again")

    def lose(self, reason):
        with self.changed:
            self.lost = self.lost or reason
            for command in self.commands.values():
                command.put(None)
            self.changed.notify_all()

    def wait_boot(self, seconds, before=None):
        """Wait for another boot than the given one."""
        with self.changed:
            self.changed.wait_for(lambda: self.lost or self.boot != before, seconds)
            if self.lost:
                raise Lost("%s: %s" % (self.name, self.lost))
            if self.boot == before:
                raise Lost("%s: not up after %g s" % (self.name, seconds))

    def run(self, request, pass_on):
        """Run a command; return its status.  Calls pass_on("out" or "err", data)."""
        messages = queue.Queue()
        with self.lock:
            if self.lost:
                raise Lost("%s: %s" % (self.name, self.lost))
            self.number += 1
            number = self.number
            self.commands[number] = messages
        try:
            self.channel.send(**dict(request, id=number))
            while True:
                message = messages.get()
                if message is None:
                    raise Lost("%s: %s" % (self.name, self.lost))
                if "status" in message:
                    return message["status"]
                for name in "out", "err":
                    if name in message:
                        pass_on(name, base64.b64decode(message[name]))
        except OSError as error:
            if self.lost or self.process.poll() is not None:
                raise Lost("%s: %s" % (self.name, self.lost)) from error
            # the reader is gone: act like SIGPIPE
            self.channel.send(id=number, kill=15)
            raise
        finally:
            with self.lock:
                del self.commands[number]

    def reboot(self, seconds):
        with self.lock:
            before, self.expected = self.boot, True
        self.qmp("set-action", reboot="reset")
        self.channel.send(id=0, argv=["systemctl", "reboot"])
        self.wait_boot(seconds, before)
        self.qmp("set-action", reboot="shutdown")

    def power_off(self, seconds):
        """Shut the guest down."""
        self.channel.send(id=0, argv=["systemctl", "poweroff"])
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Lost("%s: not down after %g s" % (self.name, seconds)) from None

    def stop(self):
        self.process.kill()
        self.process.wait()


def trouble(program, console):
    """Print bug reports of the kernel; return whether there are any."""
    return subprocess.run(
        ["bash", "-c", '. "$0" && prog=$1 && report_trouble "$2"',
         TOP + "/qemu/console.sh", program, console],
        check=False).returncode == 0


def console_end(console, lines=60):
    try:
        with open(console, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-lines:])
    except OSError:
        return ""


def need_programs():
    qemu()
    if not shutil.which("unshare"):
        raise SystemExit("unshare is missing: scripts/fetch/deps.sh debian installs it")
