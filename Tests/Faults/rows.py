# What a row of the fault matrix is: a number of the documents that it answers, and its proofs.
import re
from dataclasses import dataclass, field

from canned_server import GATEWAY
from faults import NETWORK

# What the runs of the table do, unless a row says something else.
GET = f'print(get_gateway("{GATEWAY["GatewayArn"]}").GatewayDisplayName)'
LIST = "print(list_gateways():count())"
CREATE = 'print(create_gateway{ ActivationKey = "AAAAA", GatewayDisplayName = "new", GatewayType = "BACKUP_VM" }.GatewayArn)'
MAY_CREATE = ("--allow", "CreateGateway")


@dataclass
class Served:
    """A run against a server of ours. `answer` is what CannedServer takes: a value, or a function of the request and
    its number, which begins at 1."""

    answer: object
    code: str = GET
    exit: int = NETWORK
    requests: int = 1
    out: str | None = ""  # None: whatever
    err: tuple = ()  # each stands in stderr
    options: tuple = ()
    env: dict = field(default_factory=dict)
    seconds: float = 30  # at most; a debug build on a busy machine has its time


@dataclass
class Ran:
    """A run without a server of ours: the words of its command line, or, as `shell`, a line of bash in which $MOONGATE
    is the binary."""

    words: tuple = ()
    shell: str = ""
    exit: int = 0
    out: str | None = ""
    err: tuple = ()
    env: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)  # name → bytes or text, written before
    seconds: float = 30


@dataclass
class By:
    """A test that proves it by itself: `Scripts/test_x.py::test_name`, with `[case]` where one case is meant, or
    `HostTests/X.swift::name` for one of Swift's."""

    test: str

    @property
    def is_swift(self):
        return ".swift::" in self.test


@dataclass
class As:
    """The rows that prove it already."""

    numbers: tuple


@dataclass
class Measured:
    """No test here: who measures it, and where that is written."""

    where: str


class Row:
    """One number of the documents, what happens in our words, and what proves that it goes well."""

    def __init__(self, number, what, *proofs):
        self.number, self.what = number, what
        self.proofs = [By(proof) if isinstance(proof, str) else proof for proof in proofs]
        assert re.fullmatch("[AMG][1-9][0-9]*", number) and self.proofs, number

    def __iter__(self):
        return iter(self.proofs)
