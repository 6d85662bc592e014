"""Tries one way out of the sandbox: `escape.py NAME [ARGUMENT...]`.

Ends with 0 and says what it got, when the way is open; with 1 and the refusal, when it is closed.
Any other end means that the attempt itself is broken. Needs Linux on x86-64 and nothing besides the
standard library, since it runs where little else can be read.
"""

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    """A system call by its number; raises OSError."""
    prepared = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = LIBC.syscall(ctypes.c_long(number), *prepared)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


# Files.

def read_file(path):
    with open(path, "rb") as file:
        return file.read(64)


def list_directory(path):
    return os.listdir(path)


def write_file(path):
    with open(path, "r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(first)


def make_file(folder):
    path = os.path.join(folder, f"made-{os.getpid()}")
    with open(path, "xb"):
        pass
    os.unlink(path)


def write_own_program():
    write_file(os.path.abspath(__file__))


def truncate(path):
    os.truncate(path, os.stat(path).st_size)


def change_mode(path):
    os.chmod(path, os.stat(path).st_mode & 0o777)


def change_times(path):
    os.utime(path)


def set_attribute(path):
    os.setxattr(path, "user.escaped", b"1")


def read_through_symlink(path):
    link = os.path.join(os.environ["TMPDIR"], f"link-{os.getpid()}")
    os.symlink(path, link)
    return read_file(link)


def move_in(path):
    here = os.path.join(os.environ["TMPDIR"], f"moved-{os.getpid()}")
    os.rename(path, here)
    os.rename(here, path)


def link_in(path):
    here = os.path.join(os.environ["TMPDIR"], f"linked-{os.getpid()}")
    os.link(path, here)
    return read_file(here)


def move_out(folder):
    here = os.path.join(os.environ["TMPDIR"], f"out-{os.getpid()}")
    os.mkdir(here)
    there = os.path.join(folder, f"out-{os.getpid()}")
    os.rename(here, there)
    os.rmdir(there)


def shared_memory_file():
    path = f"/dev/shm/escape-{os.getpid()}"
    with open(path, "xb"):
        pass
    os.unlink(path)


def open_by_handle(path):
    handle = ctypes.create_string_buffer(136)
    ctypes.c_uint32.from_buffer(handle, 0).value = 128
    mount = ctypes.c_int()
    folder = os.open(os.path.dirname(path), os.O_PATH)
    call(303, folder, os.path.basename(path).encode(), handle, ctypes.byref(mount), 0)
    start = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    return call(304, start, handle, os.O_RDONLY)


def make_device(folder):
    path = os.path.join(folder, f"device-{os.getpid()}")
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))
    os.unlink(path)


def write_kernel_setting():
    path = "/proc/sys/kernel/hostname"
    with open(path, encoding="ascii") as file:
        name = file.read()
    with open(path, "w", encoding="ascii") as file:
        file.write(name)


# Other processes.

def ptrace(pid):
    call(101, 0x4206, int(pid), 0, 0)  # PTRACE_SEIZE


def read_memory(pid):
    return read_file(f"/proc/{pid}/environ") or read_file(f"/proc/{pid}/maps")


def open_memory(pid):
    os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))


def read_command_line(pid):
    return read_file(f"/proc/{pid}/cmdline")


def copy_memory(pid):
    with open("/proc/self/maps", encoding="ascii") as maps:
        address = int(maps.readline().split("-")[0], 16)
    local = ctypes.create_string_buffer(16)

    class Piece(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    here = Piece(ctypes.addressof(local), 1)
    there = Piece(address, 1)
    try:
        call(310, int(pid), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    except OSError as error:
        if error.errno != 14:  # EFAULT: permitted, but nothing is at that address there
            raise


def take_descriptor(pid):
    process = os.pidfd_open(int(pid))
    return call(438, process, 0, 0)


def send_signal(pid):
    os.kill(int(pid), signal.SIGCONT)


def set_limit(pid):
    old = resource.prlimit(int(pid), resource.RLIMIT_NOFILE)
    resource.prlimit(int(pid), resource.RLIMIT_NOFILE, old)


def set_priority(pid):
    os.setpriority(os.PRIO_PROCESS, int(pid), os.getpriority(os.PRIO_PROCESS, int(pid)))


def signal_parent():
    parent = os.getppid()
    if parent == 0:
        raise PermissionError("the parent is not to be seen")
    os.kill(parent, signal.SIGCONT)


def see_processes(pid):
    return os.stat(f"/proc/{pid}").st_uid


def enter_namespace(pid):
    os_fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    call(308, os_fd, 0)


# Sockets.

def connect_socket_file(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def connect_abstract(name):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + name)


def send_from_pair(path):
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    pair[0].connect(path)
    pair[0].send(b"x")


def connect_tcp(port):
    socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()


def listen_tcp():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


def send_udp(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", int(port)))


def raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def packet_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()


def netlink_socket():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


# The kernel.

def io_uring():
    call(425, 4, ctypes.create_string_buffer(120))


def bpf():
    attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # an array of one value
    call(321, 0, attributes, ctypes.sizeof(attributes))


def keyring():
    call(250, 0, -3, 1)  # KEYCTL_GET_KEYRING_ID of the session


def performance_events():
    attributes = ctypes.create_string_buffer(128)
    ctypes.c_uint32.from_buffer(attributes, 0).value = 1  # software
    ctypes.c_uint32.from_buffer(attributes, 4).value = 128
    call(298, attributes, 0, -1, -1, 0)


def userfault():
    call(323, 1)  # UFFD_USER_MODE_ONLY


def mount():
    call(165, b"none", os.environ["TMPDIR"].encode(), b"tmpfs", 0, None)


def new_mount_api():
    call(430, b"tmpfs", 0)


def new_user_namespace():
    call(272, 0x10000000)


def clone_namespace():
    child = call(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def clone3_namespace():
    arguments = (ctypes.c_uint64 * 11)()
    arguments[0] = 0x10000000
    arguments[4] = signal.SIGCHLD
    child = call(435, arguments, ctypes.sizeof(arguments))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def change_root():
    os.chroot("/")


def personality():
    call(135, 0x0040000)  # no randomisation of addresses


def system_log():
    call(103, 10, None, 0)


def machine_code(code):
    """Runs a few bytes of machine code and gives back what they leave in RAX."""
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    result = ctypes.CFUNCTYPE(ctypes.c_long)(start)()
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return result


def in_child(function):
    """Runs it in a child: a filter may kill."""
    child = os.fork()
    if child == 0:
        try:
            function()
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        raise PermissionError(f"killed by {signal.Signals(-status).name}")
    if status > 0:
        raise OSError(status, os.strerror(status))


def calls_of_32_bits():
    # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    in_child(lambda: machine_code(bytes.fromhex("53b814000000cd805bc3")))


def terminal_input():
    fcntl.ioctl(0, 0x5412, b"x")  # TIOCSTI


# Programs.

def start_program(path):
    subprocess.run([path], check=True, stdout=subprocess.DEVNULL)


def start_from_memory():
    with open("/proc/self/exe", "rb") as program:
        code = program.read()
    memory = os.memfd_create("escape", 0)
    os.write(memory, code)
    path = f"/proc/self/fd/{memory}"
    child = os.fork()
    if child == 0:
        try:
            os.execv(path, ["python3", "-c", ""])
        except OSError as error:
            os._exit(error.errno)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise OSError(status, os.strerror(status))


def become_another_user(path):
    seen = subprocess.run([path, "-u"], check=True, capture_output=True, text=True).stdout
    if int(seen) == os.getuid():
        raise PermissionError("the user stayed the same")
    return seen


# What is handed down.

def inherited_descriptor():
    for number in range(3, 256):
        try:
            os.lseek(number, 0, os.SEEK_SET)
            text = os.read(number, 64)
        except OSError:
            continue
        if text.startswith(b"secret"):
            return number
    raise PermissionError("no descriptor leads to the secret")


def environment():
    if "CANARY" not in os.environ:
        raise PermissionError("the variable is not there")
    return os.environ["CANARY"]


# Limits.

def raise_core_limit():
    resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))


def many_processes(count):
    """Keeps as many processes as asked for at once."""
    children = []
    try:
        for _ in range(int(count)):
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def much_memory(size):
    mmap.mmap(-1, int(size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()


def much_disk(size):
    path = os.path.join(os.environ["TMPDIR"], f"big-{os.getpid()}")
    try:
        with open(path, "xb") as file:
            os.posix_fallocate(file.fileno(), 0, int(size))
    finally:
        os.unlink(path)


def many_descriptors(count):
    opened = []
    for _ in range(int(count)):
        opened.append(os.dup(0))


# Not a way out, but what is left behind: tested by their names from outside.

def double_fork(name):
    """Leaves a process that nobody is the parent of, in a session of its own; it says so."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            print("left", name, flush=True)
            while True:
                time.sleep(60)
        os._exit(0)
    time.sleep(600)


def main():
    name, *arguments = sys.argv[1:]
    attempt = globals()[name]
    try:
        got = attempt(*arguments)
    except (OSError, ValueError) as error:
        print(f"closed: {error}")
        sys.exit(1)
    print(f"open: {got!r}")


if __name__ == "__main__":
    main()
