"""Put on the path as `sitecustomize.py`: a process that opens a socket ends, whether Python or a library asks for it.

Python's own sockets raise. Those of native code are the kernel's to refuse: a filter ends the process with SIGSYS
when it asks for any socket but a local one (AF_UNIX).
"""

import ctypes
import platform
import sys

CALL_NUMBERS = {"x86_64": 41, "aarch64": 198}
"""Of the system call `socket`."""
_AF_UNIX = 1
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER_MODE = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_CALL, _FIRST_ARGUMENT = 0, 16
_ALLOW, _KILL = 0x7FFF0000, 0x80000000


class _Step(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("true", ctypes.c_ubyte), ("false", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step))]


def refuse_in_python(event: str, _arguments: object) -> None:
    if event.startswith("socket."):
        raise RuntimeError("a socket was opened")


def refuse_in_native_code(number: int) -> None:
    """Have the kernel end this process, and those it starts, at a call of that number for a socket of the network."""
    steps = (_Step * 6)(
        _Step(_LOAD, 0, 0, _CALL),
        _Step(_IF_EQUAL, 0, 3, number),
        _Step(_LOAD, 0, 0, _FIRST_ARGUMENT),
        _Step(_IF_EQUAL, 1, 0, _AF_UNIX),
        _Step(_RETURN, 0, 0, _KILL),
        _Step(_RETURN, 0, 0, _ALLOW),
    )
    control = ctypes.CDLL(None, use_errno=True).prctl
    program = _Program(len(steps), steps)
    if control(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or control(_SECCOMP, _FILTER_MODE, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


if __name__ == "sitecustomize":
    sys.addaudithook(refuse_in_python)
    if sys.platform == "linux" and platform.machine() in CALL_NUMBERS:
        refuse_in_native_code(CALL_NUMBERS[platform.machine()])
