# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

AGENT_STATES = [
    ('none', 'Not an Agent'),
    ('candidate', 'Candidate'),
    ('active', 'Active'),
    ('suspended', 'Suspended'),
    ('terminated', 'Terminated'),
]
# Who may have people below. Nobody new comes to stand under a terminated agent.
SPONSOR_STATES = ('active', 'suspended', 'terminated')
# Who may take on people, and to whom sales are credited.
OPEN_STATES = ('active', 'suspended')
PLACE_FIELDS = {'mlm_sponsor_id', 'mlm_agent_state', 'mlm_agent_code'}
PLACEMENT_FIELDS = {'mlm_placement_id', 'mlm_placement_slot', 'mlm_placed'}
