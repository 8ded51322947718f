import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Tells whoever asked for it that a period is calculated or closed, with a link to it. */
export const jobService = {
    dependencies: ["action", "bus_service", "notification"],
    start(env, { action, bus_service: bus, notification }) {
        bus.subscribe("mlm_commission.job", ({ title, message, type, period_id: periodId }) => {
            const close = notification.add(message, {
                title,
                type,
                sticky: true,
                buttons: [
                    {
                        name: _t("Open"),
                        primary: true,
                        onClick: () => {
                            close();
                            action.doAction({
                                type: "ir.actions.act_window",
                                res_model: "mlm.period",
                                res_id: periodId,
                                views: [[false, "form"]],
                            });
                        },
                    },
                ],
            });
        });
        bus.start();
    },
};

registry.category("services").add("mlm_commission.job", jobService);
