# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import os
import subprocess
import sys

import pytest

from .cluster import Cluster
from .harness import ROOT, Harness


@pytest.fixture(scope='session')
def cluster():
    """A cluster with a company, in a template that every harness copies."""
    cluster = Cluster()
    try:
        environment = cluster.environment()
        with cluster.cursor('postgres') as cr:
            cr.execute("CREATE DATABASE template_faults TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'")
        configuration = os.path.join(cluster.folder, 'odoo.conf')
        with open(os.environ['ODOO_RC']) as given, open(configuration, 'w') as own:
            own.writelines(line for line in given if not line.startswith('db_'))
            own.write(f'db_host = {cluster.folder}\ndb_port = 5432\ndb_user = odoo\n')
        cluster.odoo = {**environment, 'ODOO_RC': configuration}
        subprocess.run(
            [sys.executable, '-c', 'from odoo.cli import main; main()', '-d', 'template_faults', '-i', 'mlm_commission',
             '--stop-after-init', '--no-http'], check=True, env=cluster.odoo, cwd=ROOT)
        harness = Harness(cluster, 'template_faults', environment=cluster.odoo)
        harness.do('build')
        harness.close()
        yield cluster
    finally:
        cluster.remove()
