package app

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/pack"
	"dianke/internal/engine/regulation/proposal"
)

// known are the clauses of all packs that say which controls they call for, with their bindings: what proposals for new
// texts are learnt from.
func known(list []*pack.Pack) []proposal.Known {
	var out []proposal.Known
	for _, p := range list {
		bindings := map[string][]proposal.Binding{}
		for _, b := range p.Bindings {
			if spec, err := yaml.Marshal(b.Node); err == nil { // what was just read can be written
				bindings[b.Clause] = append(bindings[b.Clause], proposal.Binding{Control: b.Control, Spec: string(spec)})
			}
		}
		for _, r := range p.Regulations {
			r.Walk(func(n *pack.Node, above []*pack.Node) {
				if n.ID != "" && len(n.Controls) > 0 {
					out = append(out, proposal.Known{
						Key: n.ID, Regulation: r.ID, Title: [2]string{r.Title.ZH, r.Title.EN}, Printed: n.Number, Above: headings(above),
						Text: n.Text.ZH, Controls: n.Controls, Room: n.Room, Bindings: bindings[n.ID],
					})
				}
			})
		}
	}
	return out
}

func headings(above []*pack.Node) string {
	var out []string
	for _, n := range above {
		if n.Title.ZH != "" {
			out = append(out, n.Title.ZH)
		}
	}
	return strings.Join(out, " ")
}
