import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { orderByToString } from "@web/search/utils/order_by";
import { HierarchyCard } from "@web_hierarchy/hierarchy_card";
import { HierarchyModel } from "@web_hierarchy/hierarchy_model";
import { HierarchyRenderer } from "@web_hierarchy/hierarchy_renderer";
import { hierarchyView } from "@web_hierarchy/hierarchy_view";

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
}

export class GenealogyCard extends HierarchyCard {
    static template = "mlm_network.GenealogyCard";

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get frontlineCount() {
        const { data, parentFieldName } = this.props.node;
        return parentFieldName === "mlm_placement_id" ? data.mlm_placed_count : data.mlm_frontline_count;
    }

    get hiddenCount() {
        const { nodes } = this.props.node;
        return nodes.length ? Math.max(0, this.frontlineCount - nodes.length) : 0;
    }

    openFrontline() {
        const { resId, data, parentFieldName } = this.props.node;
        return this.action.doAction(
            parentFieldName === "mlm_placement_id"
                ? "mlm_network.res_partner_action_placed"
                : "mlm_network.res_partner_action_frontline",
            { additionalContext: { active_id: resId, active_name: data.name } }
        );
    }
}

export class GenealogyRenderer extends HierarchyRenderer {
    static components = { ...HierarchyRenderer.components, HierarchyCard: GenealogyCard };
}

export const genealogyView = {
    ...hierarchyView,
    Model: GenealogyModel,
    Renderer: GenealogyRenderer,
};

registry.category("views").add("mlm_genealogy", genealogyView);
