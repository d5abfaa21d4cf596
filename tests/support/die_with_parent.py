"""Run a command that ends when its parent does.

    python die_with_parent.py SIGNAL PARENT USER COMMAND ARGUMENT…

The kernel sends SIGNAL to it when the process PARENT is gone, however that ended. USER is a name to become,
or empty. This is a program of its own since a `preexec_fn` may deadlock in a process that has threads.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(name: str) -> None:
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def main(death_signal: str, parent: str, user: str, *command: str) -> None:
    if user:
        become(user)
    if sys.platform == "linux":
        # After the change of user, which clears it; exec keeps it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # it ended before the kernel was asked
        sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
