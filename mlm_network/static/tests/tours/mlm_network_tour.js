import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("mlm_network_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='mlm_network.menu_root']",
            run: "click",
        },
        {
            content: "Create an agent",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_form_view [name='name'] textarea:visible, .o_form_view [name='name'] input:visible",
            run: "edit Tour Recruit",
        },
        {
            trigger: ".o_notebook .nav-link[name='mlm_network']",
            run: "click",
        },
        {
            content: "Choose the sponsor by name",
            trigger: ".o_field_widget[name='mlm_sponsor_id'] input",
            run: "edit Tour Sponsor",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Tour Sponsor')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "The place is in the history",
            trigger: ".o_field_widget[name='mlm_sponsorship_ids'] .o_data_row:contains('Tour Sponsor')",
        },
        {
            content: "A code was drawn",
            trigger: ".o_field_widget[name='mlm_agent_code'] input:value(/^A[0-9]+$/)",
        },
        {
            content: "Open the tree at the new agent",
            trigger: "button[name='action_mlm_open_tree']",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Tour Top')",
        },
        {
            trigger: ".o_hierarchy_node:contains('Tour Sponsor')",
        },
        {
            content: "No siblings",
            trigger: ".o_hierarchy_view:has(.o_hierarchy_node:contains('Tour Recruit')):not(:has(.o_hierarchy_node:contains('Tour Sibling')))",
        },
        {
            content: "What is not shown is one click away",
            trigger: ".o_hierarchy_node:contains('Tour Sponsor') button[name='mlm_open_frontline']:contains('+30 more in list')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour Sibling')",
        },
        {
            content: "Back to the tree, and to the sponsor",
            trigger: ".breadcrumb .o_back_button, .o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Tour Sponsor') .o_hierarchy_node_content",
            run: "click",
        },
        {
            content: "Beside the tree stands what is known of the agent",
            trigger: ".o_mlm_panel:contains('Tour Sponsor'):contains('Frontline'):contains('31')",
        },
        {
            trigger: ".o_mlm_panel button[name='mlm_panel_open']",
            run: "click",
        },
        {
            content: "Open the downline",
            trigger: "button[name='action_mlm_open_downline']:contains('31')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour Recruit')",
        },
    ],
});

registry.category("web_tour.tours").add("mlm_network_portal", {
    url: "/my/network",
    steps: () => [
        {
            content: "The frontline is there, and nobody of the next level",
            trigger: ".o_mlm_downline:has(.o_mlm_card:contains('Carl Weber')):not(:has(.o_mlm_card:contains('Dora')))",
        },
        {
            content: "Unfold an agent",
            trigger: ".o_mlm_card:contains('Carl Weber') > div > div > .o_mlm_unfold",
            run: "click",
        },
        {
            content: "Unfold somebody whose name is shortened",
            trigger: ".o_mlm_card .o_mlm_card:contains('Dora K.') > div > div > .o_mlm_unfold",
            run: "click",
        },
        {
            trigger: ".o_mlm_card .o_mlm_card .o_mlm_card:contains('Emil V.') > div > div > .o_mlm_unfold",
            run: "click",
        },
        {
            content: "A large frontline comes in pieces",
            trigger: ".o_mlm_downline:has(.o_mlm_card:contains('Emil V.') .o_mlm_card:nth-child(50)) .o_mlm_more",
            run: "click",
        },
        {
            trigger: ".o_mlm_downline:not(:has(.o_mlm_more)):has(.o_mlm_card:contains('Emil V.') .o_mlm_card:nth-child(60))",
        },
        {
            content: "Fold it again",
            trigger: ".o_mlm_card:contains('Carl Weber') > div > div > .o_mlm_unfold[aria-expanded='true']",
            run: "click",
        },
        {
            trigger: ".o_mlm_card:contains('Carl Weber') > div > div > .o_mlm_unfold[aria-expanded='false']",
        },
        {
            content: "Search",
            trigger: ".o_mlm_search input",
            run: "edit Dora K",
        },
        {
            trigger: ".o_mlm_search button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Found as shown; on to the tree that begins there",
            trigger: ".o_mlm_portal_network_list .list-group-item:contains('Dora K.') a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_mlm_portal_network:contains('Below Dora K.') .o_mlm_card:contains('Emil V.')",
        },
        {
            content: "Back to the own place, and to who is inactive",
            trigger: ".o_mlm_tile_inactive",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_mlm_portal_network_list:contains('1 agent') .list-group-item:contains('Emil V.')",
        },
    ],
});
