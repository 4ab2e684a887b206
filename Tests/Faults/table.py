# The fault matrix: every number of the acceptance checks (A), of the matrix of faults (M) and of the goals in figures
# (G), and what proves it.
from acceptance import ACCEPTANCE_ROWS
from goals import GOAL_ROWS
from matrix import MACHINE_ROWS, NETWORK_ROWS

# The numbers that the documents have. The acceptance checks leave some out.
ACCEPTANCE = [
    f"A{number}"
    for number in (
        1, 2, 3, 5, 7, 9, 10, 12, 14, 15, 17, 19, 20, 22, 23, 26, 27,  # the language
        28, 29, 30, 31, 33, 34, 35, 38, 39, 40, 42, 43, 46, 47, 48,  # shared code
        49, 50, 52, 54, 57, 59, 60, 62, 63,  # permissions and trust
        66, 68, 70, 71, 73, 74, 77, 79, 81, 82,  # secrets, and who is talked to
        83, 84, 86, 88, 89, 91, 92, 93, 95, 96, 98, 99,  # the client
        101, 103, 105, 106, 108, 110, 111, 113, 116, 117,  # files, signals, the local gateway
    )
]  # fmt: skip
MATRIX = [f"M{number}" for number in range(1, 59)]
GOALS = [f"G{number}" for number in range(1, 20)]

ROWS = [*ACCEPTANCE_ROWS, *NETWORK_ROWS, *MACHINE_ROWS, *GOAL_ROWS]
