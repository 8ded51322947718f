# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What a database still says of somebody, for the tests of forgetting."""
from odoo.tools import SQL


def traces(env, words):
    """Search every text of every table, but those of the look-up itself.

    :param words: what must not be found, whatever its case
    :return: ``{table: words that stand in it}``
    """
    env.flush_all()
    columns = env.execute_query(SQL(
        """SELECT table_name, string_agg(format('COALESCE(%%I::text, %%L)', column_name, ''), ' || ')
             FROM information_schema.columns JOIN information_schema.tables USING (table_name, table_schema)
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'privacy_l%%'
              AND data_type IN ('character varying', 'text', 'jsonb') GROUP BY table_name"""))
    like, found = [f'%{word}%' for word in words], {}
    for table, expression in columns:
        text = SQL(expression.replace('%', '%%'))
        texts = [row[0].lower() for row in env.execute_query(SQL(
            'SELECT %s FROM %s WHERE (%s) ILIKE ANY(%s)', text, SQL.identifier(table), text, like))]
        if texts:
            found[table] = {word for word in words if any(word.lower() in text for text in texts)}
    return found
