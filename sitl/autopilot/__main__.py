"""python -m sitl.autopilot"""

import sys

from sitl.autopilot.process import main

sys.exit(main(sys.argv[1:]))
