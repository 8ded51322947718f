# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
