# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The benchmark behind setup/bench: every stage is a process of its own, so that its peak memory is its own."""
