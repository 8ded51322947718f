import { onWillStart, useEffect, useState } from "@odoo/owl";
import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { downloadFile } from "@web/core/network/download";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { HierarchyRenderer } from "@web_hierarchy/hierarchy_renderer";
import { GenealogyCard } from "./genealogy_card";
import { GenealogyPanel } from "./genealogy_panel";
import { drawTree, toPng } from "./genealogy_picture";

/** Agents offered while a name is typed. */
const FOUND_LIMIT = 8;
const ZOOM = { step: 0.1, min: 0.4, max: 1.4 };
/** Where colours are only two. */
const YES_NO = { 1: "#43c5b1", 0: "#ea6175" };
const STATES = ["none", "candidate", "active", "suspended", "terminated"];

export class GenealogyRenderer extends HierarchyRenderer {
    static template = "mlm_network.GenealogyRenderer";
    static components = {
        ...HierarchyRenderer.components,
        AutoComplete,
        Dropdown,
        DropdownItem,
        GenealogyPanel,
        HierarchyCard: GenealogyCard,
    };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ selectedId: null, mode: "state", modes: [], colors: {}, zoom: 1 });
        onWillStart(async () => {
            this.state.modes = await this.orm.call(this.resModel, "mlm_read_color_modes", []);
        });
        useEffect(
            () => {
                this.loadColors();
            },
            () => [this.state.mode, this.props.model.resIds.join()]
        );
    }

    get resModel() {
        return this.props.model.resModel;
    }

    // --- finding an agent ---

    get sources() {
        return [{ options: (text) => this.findAgents(text) }];
    }

    async findAgents(text) {
        if (!text.trim()) {
            return [];
        }
        const agents = await this.orm.call(this.resModel, "name_search", [], {
            name: text.trim(),
            domain: this.props.model.globalDomain,
            limit: FOUND_LIMIT,
            context: { active_test: false },
        });
        return agents.map(([resId, label]) => ({ label, onSelect: () => this.goTo(resId) }));
    }

    async goTo(resId) {
        await this.props.model.focusOn(resId);
        if (!this.env.isSmall) {
            this.state.selectedId = resId;
        }
    }

    select(node) {
        this.state.selectedId = node.resId;
    }

    open(resId) {
        return this.props.openRecord({ resId });
    }

    zoom(direction) {
        const zoom = this.state.zoom + direction * ZOOM.step;
        this.state.zoom = Math.round(10 * Math.min(ZOOM.max, Math.max(ZOOM.min, zoom))) / 10;
    }

    // --- colours ---

    async loadColors() {
        const { resIds } = this.props.model;
        this.state.colors = resIds.length
            ? await this.keepLast.add(
                  this.orm.call(this.resModel, "mlm_read_colors", [resIds, this.state.mode])
              )
            : {};
    }

    colorOf(place) {
        const { mode } = this.state;
        if (mode === "state") {
            return `var(--mlm-${STATES[place]})`;
        }
        return mode === "activity" ? YES_NO[place] : getColor(place, cookie.get("color_scheme"), 12);
    }

    cardColor(node) {
        const color = this.state.colors[node.resId];
        return color ? this.colorOf(color[0]) : "";
    }

    get legend() {
        const labels = new Map(Object.values(this.state.colors));
        return [...labels.keys()]
            .sort((a, b) => a - b)
            .map((place) => ({ color: this.colorOf(place), label: labels.get(place) }));
    }

    get modeLabel() {
        return this.state.modes.find(([key]) => key === this.state.mode)?.[1];
    }

    // --- pictures ---

    _resolveColor(color) {
        const name = color.match(/^var\((.+)\)$/)?.[1];
        return name ? getComputedStyle(this.rendererRef.el).getPropertyValue(name).trim() : color;
    }

    _drawPicture() {
        const rows = this.rows.map(({ nodes, parentNode }) =>
            nodes.map((node) => ({
                id: node.resId,
                name: node.data.name || "",
                color: this._resolveColor(this.cardColor(node) || "#ced4da"),
                parentId: parentNode?.resId,
                lines: [
                    [node.data.mlm_agent_code, this.state.colors[node.resId]?.[1]].filter(Boolean).join(" · "),
                    node.data.mlm_downline_size ? _t("Agents below: %s", node.data.mlm_downline_size) : "",
                ].filter(Boolean),
            }))
        );
        const legend = this.legend.map(({ color, label }) => ({ color: this._resolveColor(color), label }));
        return drawTree(rows, { title: this.env.config?.getDisplayName?.() || _t("Tree"), legend });
    }

    async download(kind) {
        const picture = this._drawPicture();
        if (kind === "svg") {
            downloadFile(new Blob([picture.svg], { type: "image/svg+xml" }), "network.svg", "image/svg+xml");
        } else {
            downloadFile(await toPng(picture), "network.png", "image/png");
        }
    }
}
