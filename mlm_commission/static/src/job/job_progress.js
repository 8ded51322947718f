import { Component, onWillDestroy, onWillStart, onWillUpdateProps, status, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const INTERVAL = 1500;

/**
 * What is done to a period in the background: the step, how far it is, how long it takes, a button to stop it. Asks
 * the server while there is something to ask; the form is read again when it ends.
 */
export class JobProgress extends Component {
    static template = "mlm_commission.JobProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ job: null });
        onWillStart(() => this.follow(this.props));
        onWillUpdateProps((props) => this.follow(props));
        onWillDestroy(() => clearTimeout(this.timer));
    }

    isActive(job) {
        return job && ["queued", "running"].includes(job.state);
    }

    async follow(props) {
        clearTimeout(this.timer);
        const { resId, data } = props.record;
        if (!resId || !["queued", "running"].includes(data.job_state)) {
            this.state.job = null;
            return;
        }
        await this.ask(props);
    }

    async ask(props) {
        const job = await this.orm.silent.call("mlm.period", "get_job", [[props.record.resId]]);
        if (status(this) === "destroyed" || props.record.resId !== this.props.record.resId) {
            return;
        }
        this.state.job = job;
        if (this.isActive(job)) {
            this.timer = setTimeout(() => this.ask(props), INTERVAL);
        } else {
            await props.record.load();
        }
    }

    get percent() {
        return Math.floor(this.state.job.share * 100);
    }

    async stop() {
        this.state.job.stop = true;
        await this.orm.call("mlm.period", "action_stop", [[this.props.record.resId]]);
        await this.follow(this.props);
    }
}

export const jobProgress = {
    component: JobProgress,
    fieldDependencies: [{ name: "job_state", type: "selection" }],
};

registry.category("view_widgets").add("mlm_job_progress", jobProgress);
