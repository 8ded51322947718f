import { Component, onPatched, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const NUMBERS = ["percent", "permille", "factor", "points", "quantity", "amount", "integer"];
const WIDE = ["table", "rules"];

/**
 * Read a number as a person types it: spaces, a percent sign and a decimal comma are fine.
 *
 * @param {string} text
 * @returns {string|null} the number as the plan keeps it; what is no number stays as it was typed, since the
 *      plan says in a sentence what is wrong with it; null for nothing
 */
export function cleanNumber(text) {
    let cleaned = text.replace(/[\s\u00a0\u202f%‰]/g, "");
    if (!cleaned) {
        return null;
    }
    if (/^-?\d*,\d+$/.test(cleaned)) {
        cleaned = cleaned.replace(",", ".");
    }
    return /^-?(\d+(\.\d*)?|\.\d+)$/.test(cleaned) ? cleaned : text.trim();
}

/**
 * The parameters of a rule: the form that the way of paying declares (`params_declaration`), over a Json field that
 * holds the values as the engine reads them. Decimal numbers are kept as strings, exactly as they were typed.
 */
export class RuleParamsField extends Component {
    static template = "mlm_commission.RuleParamsField";
    static props = { ...standardFieldProps };

    setup() {
        this.root = useRef("root");
        this.pending = null;
        this.focusNext = null;
        // Saving by keyboard does not take the focus away from an input, so what is in it is asked for.
        useBus(this.props.record.model.bus, "NEED_LOCAL_CHANGES", ({ detail }) =>
            detail.proms.push(this.commitPending())
        );
        onPatched(() => this.focusCell());
    }

    // --- what is shown ----------------------------------------------------------------------

    get declaration() {
        return this.props.record.data.params_declaration || {};
    }

    get params() {
        return this.declaration.params || [];
    }

    get values() {
        return this.props.record.data[this.props.name] || {};
    }

    isNumber(param) {
        return NUMBERS.includes(param.type);
    }

    isWide(param) {
        return WIDE.includes(param.type);
    }

    value(param, values = this.values) {
        const value = values[param.name];
        return value === undefined || value === null ? param.default ?? "" : value;
    }

    /** A table of one column may be written as a plain list. */
    rows(param) {
        const rows = this.value(param) || [];
        return rows.map((row) =>
            row && typeof row === "object" ? row : { [param.columns[0].name]: row }
        );
    }

    list(param) {
        return this.value(param) || [];
    }

    /** Chosen from a list: a choice, or a number that has names (a rank). */
    isChosen(param) {
        return param.type === "choice" || Boolean(param.choices.length);
    }

    /** A number may be kept as one or as a string. */
    isSame(one, other) {
        return String(one) === String(other);
    }

    /** What a list offers; a value that is no longer among them, or none yet, is not lost by looking at it. */
    options(param, value) {
        return param.choices.some((choice) => this.isSame(choice[0], value))
            ? param.choices
            : [[value, String(value)], ...param.choices];
    }

    text(param, value) {
        if (this.isChosen(param)) {
            return this.options(param, value).find((choice) => this.isSame(choice[0], value))[1];
        }
        if (param.type === "boolean") {
            return value ? _t("Yes") : _t("No");
        }
        // Where -1 is allowed at all, it stands for none.
        return value === "" || (Number(value) === -1 && Number(param.min) === -1) ? "–" : String(value);
    }

    /** Whether an input shows red; the sentence that says why stands under the parameters. */
    isWrong(param, value) {
        if (value === "" || !this.isNumber(param)) {
            return false;
        }
        const number = Number(value);
        return (
            Number.isNaN(number) ||
            (param.min !== null && number < Number(param.min)) ||
            (param.max !== null && number > Number(param.max)) ||
            (String(value).split(".")[1] || "").length > param.places
        );
    }

    /** The other rules of the plan, as far as they are on the screen. */
    get otherRules() {
        const plan = this.props.record._parentRecord;
        const rules = plan?.data.rule_ids?.records || [];
        return rules
            .filter((rule) => rule.id !== this.props.record.id && rule.data.name)
            .map((rule) => rule.data.name);
    }

    // --- what is changed --------------------------------------------------------------------

    parse(param, text) {
        if (!this.isNumber(param)) {
            return text === "" ? null : text;
        }
        const value = cleanNumber(text);
        return param.type === "integer" && /^-?\d+$/.test(value || "") ? Number(value) : value;
    }

    /** Without a value the parameter's default holds. */
    assign(values, name, value) {
        const changed = { ...values };
        if (value === null) {
            delete changed[name];
        } else {
            changed[name] = value;
        }
        return changed;
    }

    set(param, value) {
        this.pending = null;
        return this.props.record.update({
            [this.props.name]: this.assign(this.values, param.name, value),
        });
    }

    setCell(param, index, column, value) {
        const rows = this.rows(param);
        return this.set(
            param,
            rows.map((row, position) =>
                position === index ? this.assign(row, column.name, value) : row
            )
        );
    }

    onInput(ev, commit) {
        const text = ev.target.value;
        this.pending = () => commit(text);
    }

    onText(param, text) {
        return this.set(param, this.parse(param, text));
    }

    onCell(param, index, column, text) {
        return this.setCell(param, index, column, this.parse(column, text));
    }

    async commitPending() {
        if (this.pending) {
            await this.pending();
        }
    }

    async addRow(param) {
        await this.commitPending();
        const rows = this.rows(param);
        this.focusNext = [param.name, rows.length, 0];
        return this.set(param, [...rows, {}]);
    }

    async removeRow(param, index) {
        await this.commitPending();
        return this.set(
            param,
            this.rows(param).filter((row, position) => position !== index)
        );
    }

    /** Enter goes down the column, and below the last row it opens the next one. */
    async onCellKeydown(ev, param, index, columnIndex) {
        if (ev.key !== "Enter" || ev.isComposing) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        if (index === this.rows(param).length - 1) {
            await this.addRow(param);
        } else {
            this.focusNext = [param.name, index + 1, columnIndex];
            await this.commitPending();
            this.focusCell();
        }
    }

    focusCell() {
        if (!this.focusNext) {
            return;
        }
        const input = this.root.el.querySelector(`[data-cell="${this.focusNext.join("/")}"]`);
        if (input) {
            this.focusNext = null;
            input.focus();
            input.select?.();
        }
    }

    addRule(param, ev) {
        const name = ev.target.value.trim();
        ev.target.value = "";
        if (name && !this.list(param).includes(name)) {
            return this.set(param, [...this.list(param), name]);
        }
    }

    removeRule(param, name) {
        return this.set(
            param,
            this.list(param).filter((rule) => rule !== name)
        );
    }

    onRuleKeydown(param, ev) {
        if (ev.key === "Enter" && ev.target.value.trim()) {
            ev.preventDefault();
            ev.stopPropagation();
            this.addRule(param, ev);
        } else if (ev.key === "Backspace" && !ev.target.value && this.list(param).length) {
            this.removeRule(param, this.list(param).at(-1));
        }
    }
}

export const ruleParamsField = {
    component: RuleParamsField,
    displayName: _t("Parameters of a rule"),
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "params_declaration", type: "json", readonly: true }],
};

registry.category("fields").add("mlm_rule_params", ruleParamsField);
