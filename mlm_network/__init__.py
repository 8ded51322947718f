# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import controllers
from . import models
from . import wizard
