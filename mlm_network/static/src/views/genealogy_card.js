import { useService } from "@web/core/utils/hooks";
import { HierarchyCard } from "@web_hierarchy/hierarchy_card";

export class GenealogyCard extends HierarchyCard {
    static template = "mlm_network.GenealogyCard";
    static props = {
        ...HierarchyCard.props,
        color: { type: String, optional: true },
        isSelected: { type: Boolean, optional: true },
        select: { type: Function, optional: true },
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get isPlacement() {
        return this.props.node.parentFieldName === "mlm_placement_id";
    }

    get frontlineCount() {
        const { data } = this.props.node;
        return this.isPlacement ? data.mlm_placed_count : data.mlm_frontline_count;
    }

    get hiddenCount() {
        const { nodes } = this.props.node;
        return nodes.length ? Math.max(0, this.frontlineCount - nodes.length) : 0;
    }

    /** @override A click shows the agent beside the tree; on a phone, or in a new window, its form. */
    onGlobalClick(ev, newWindow) {
        if (newWindow || this.env.isSmall || !this.props.select) {
            return super.onGlobalClick(ev, newWindow);
        }
        if (!ev.target.closest("button")) {
            this.props.select(this.props.node);
        }
    }

    openFrontline() {
        const { resId, data } = this.props.node;
        return this.action.doAction(
            this.isPlacement
                ? "mlm_network.res_partner_action_placed"
                : "mlm_network.res_partner_action_frontline",
            { additionalContext: { active_id: resId, active_name: data.name } }
        );
    }
}
