import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";

/** Key figures of one agent, beside the tree. */
export class GenealogyPanel extends Component {
    static template = "mlm_network.GenealogyPanel";
    static props = {
        resModel: String,
        resId: Number,
        open: Function,
        focus: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ figures: null });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => {
            if (props.resId !== this.props.resId) {
                // what is shown stays until the next figures are there
                this.load(props);
            }
        });
    }

    async load({ resModel, resId }) {
        this.state.figures = await this.keepLast.add(
            this.orm.call(resModel, "mlm_read_figures", [[resId]])
        );
    }

    async openDownline() {
        const action = await this.orm.call(this.props.resModel, "action_mlm_open_downline", [
            [this.state.figures.id],
        ]);
        return this.action.doAction(action);
    }
}
