"""python -m sitl"""

import sys

from sitl.main import main

sys.exit(main())
