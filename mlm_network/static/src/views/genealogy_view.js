import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { orderByToString } from "@web/search/utils/order_by";
import { HierarchyModel, HierarchyNode } from "@web_hierarchy/hierarchy_model";
import { hierarchyView } from "@web_hierarchy/hierarchy_view";
import { GenealogyRenderer } from "./genealogy_renderer";

/** What the server returns at most for a search, see res.partner's hierarchy_read. */
const SEARCH_LIMIT = 80;

/**
 * The tree of a network: a sponsor may have thousands of recruits, so only the first of them are
 * drawn, and siblings are never read only because one agent is looked at.
 */
export class GenealogyModel extends HierarchyModel {
    /** @override */
    async load(params = {}) {
        if (params.context) {
            // what is read first is read with this.config
            params = { ...params, context: { ...params.context } };
            this.config = { ...this.config, context: params.context };
        }
        await super.load(params);
        if (this.root.trees.length >= SEARCH_LIMIT) {
            this.notification.add(
                _t("Only the first %s agents are shown. Narrow the search, or look at the list.", SEARCH_LIMIT),
                { type: "info" }
            );
        }
    }

    /** @override The stock model takes a combined domain, which is no list, for an empty one. */
    _getNextConfig(currentConfig, params) {
        const config = super._getNextConfig(currentConfig, params);
        return { ...config, domain: new Domain(config.domain).toList({}) };
    }

    /** @override Reset the tree to the line of one node, without its siblings. */
    async fetchManager(node) {
        if (this.root.trees.length <= 1) {
            return super.fetchManager(node);
        }
        const resIds = [node.parentResId, node.resId, ...node.allSubsidiaryResIds];
        const config = { ...this.config, domain: [["id", "in", resIds]] };
        this.root = this._createRoot(config, await this._loadData(config));
        this.notify();
    }

    /** @override Read the sponsor only, not its whole frontline. */
    async _fetchManager(node) {
        const [sponsor] = await this.orm.call(
            this.resModel,
            "web_read",
            [[node.parentResId], this._getFieldsSpec()],
            { context: this.context }
        );
        return { ...sponsor, [this.defaultChildFieldName]: [] };
    }

    /** @override Read the first page of the frontline. */
    async _fetchSubordinates(node, excludeResIds = null) {
        return this.orm.call(
            this.resModel,
            "mlm_read_frontline",
            [
                node.resId,
                this._getFieldsSpec(),
                orderByToString(this.config.orderBy),
                excludeResIds || [],
                this.parentFieldName,
            ],
            { context: this.context }
        );
    }

    /** Draw the line of one agent: who stands above, the agent, the first of the frontline. */
    async focusOn(resId) {
        const data = await this.keepLast.add(this._loadData({ ...this.config, resIds: [resId] }));
        this.root = this._createRoot(this.config, data);
        this.notify({ scrollTarget: "none" });
    }

    /** Read the next page of a frontline. */
    async showMore(node) {
        const shown = node.childResIds;
        const more = await this.keepLast.add(this._fetchSubordinates(node, shown));
        for (const data of more) {
            node._nodes.push(new HierarchyNode(this, this.config, data, node.tree, node));
            node.data[this.defaultChildFieldName].push(data);
        }
        this.notify({ scrollTarget: "none" });
    }
}

export const genealogyView = {
    ...hierarchyView,
    Model: GenealogyModel,
    Renderer: GenealogyRenderer,
};

registry.category("views").add("mlm_genealogy", genealogyView);
