#!/usr/bin/env python3
# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The chain of statements: what is digested of a statement, and how one hangs on the one before.

Nothing but Python's own library, so that whoever has the file of a period's chain can check it without Odoo::

    python3 chain.py FILE

The format is told in ``docs/statement-chain.md``.
"""
import hashlib
import json
import sys


def canonical(content):
    """The text of a statement that is digested: JSON, keys in the order of the alphabet, no spaces, in one line.

    :param dict content: strings, whole numbers, None, and lists of them; amounts are strings already
    """
    return json.dumps(content, sort_keys=True, separators=(',', ':'), ensure_ascii=False)


def digest(previous, text):
    """The digest of a statement.

    :param str previous: the digest of the statement before, empty for a company's first
    :param str text: what :func:`canonical` returned
    :return: 64 hexadecimal digits
    """
    return hashlib.sha256(f'{previous}\n{text}'.encode()).hexdigest()


def check(lines):
    """Check the file of a chain: the digest before it, then a line per statement, digest and text apart by a tab.

    :param lines: iterable of str
    :return: (number of statements, list of numbers of statements whose digest is wrong, digest of the last)
    """
    lines = iter(lines)
    previous = next(lines, '').rstrip('\n')
    count, wrong = 0, []
    for line in lines:
        stored, text = line.rstrip('\n').split('\t', 1)
        count += 1
        if digest(previous, text) != stored:
            wrong.append(json.loads(text)['number'])
        previous = stored
    return count, wrong, previous


def main(path):
    with open(path, encoding='utf-8', newline='\n') as file:
        count, wrong, last = check(file)
    for number in wrong:
        print(f'{number}: its digest does not fit')  # noqa: T201
    print(f'{count} statements, {len(wrong)} wrong; digest of the last: {last or "none"}')  # noqa: T201
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
