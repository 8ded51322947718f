# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from urllib.parse import parse_qs

from .common import Vendor


class SmsApiServer(Vendor):
    """Plays SMSAPI's /sms.do: a token, an idx that is taken once, and errors as documented."""

    def __init__(self):
        super().__init__()
        self.sent, self.fail = {}, []

    def handle(self, method, path, headers, body):
        form = {key: value[0] for key, value in parse_qs(body.decode()).items()}
        rule = self.fail.pop(0) if self.fail else None
        if rule and not rule[1]:
            return rule[0]
        answer = self.do(path, headers, form)
        return rule[0] if rule else answer

    def do(self, path, headers, form):
        if headers.get('Authorization') != 'Bearer secret':
            return self.json({'error': 101, 'message': 'Authorization failed'}, 401)
        if form['check_idx'] == '1' and form['idx'] in self.sent:
            return self.json({'error': 53, 'message': 'Not unique idx parameter'}, 400)
        self.sent[form['idx']] = form
        return self.json(
            {
                'count': 1,
                'list': [{'id': 'A1', 'points': 0.1, 'number': form['to'], 'status': 'QUEUE', 'idx': form['idx']}],
            }
        )
