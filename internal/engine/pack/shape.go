package pack

import "go.yaml.in/yaml/v3"

// shape says which fields a YAML value may have. The YAML library can refuse unknown fields too, but not with a column.
type shape struct {
	fields map[string]*shape // of a mapping, or of each mapping in a list
	list   bool
	free   bool // any value
}

func scalar() *shape { return &shape{} }

func textShape() *shape {
	return &shape{fields: map[string]*shape{"zh": scalar(), "en": scalar()}}
}

func words() *shape { return &shape{list: true} }

func listOf(fields map[string]*shape) *shape { return &shape{list: true, fields: fields} }

func packShape() *shape {
	free := &shape{free: true}
	return &shape{fields: map[string]*shape{
		"id": scalar(), "version": scalar(), "title": textShape(), "trade": scalar(), "needs": words(),
		"units": listOf(map[string]*shape{"key": scalar(), "title": textShape(), "parent": scalar()}),
		"posts": listOf(map[string]*shape{"key": scalar(), "title": textShape(), "unit": scalar(), "roles": words()}),
		"calendars": listOf(map[string]*shape{
			"key": scalar(), "title": textShape(), "hours": free, "holidays": scalar(),
		}),
		"categories": listOf(map[string]*shape{
			"key": scalar(), "title": textShape(), "parent": scalar(), "kinds": words(),
		}),
		"urgencies": listOf(map[string]*shape{
			"key": scalar(), "title": textShape(), "respond": scalar(), "resolve": scalar(),
		}),
		"ladders": listOf(map[string]*shape{"key": scalar(), "title": textShape(), "steps": listOf(map[string]*shape{
			"key": scalar(), "title": textShape(), "kind": scalar(), "points": scalar(), "amount": scalar(), "months": scalar(),
		})}),
		"checklists": listOf(map[string]*shape{
			"key": scalar(), "title": textShape(), "items": listOf(map[string]*shape{"key": scalar(), "title": textShape()}),
		}),
		"messages": listOf(map[string]*shape{
			"key": scalar(), "title": textShape(), "text": textShape(), "kind": scalar(), "category": scalar(),
		}),
		"forms": listOf(formFields()),
	}}
}

func formFields() map[string]*shape {
	texts := textShape()
	texts.list = true
	return map[string]*shape{
		"key": scalar(), "title": textShape(), "lead": textShape(), "thanks": textShape(), "kind": scalar(), "category": scalar(),
		"unit": scalar(), "ask": words(), "must": words(), "fields": listOf(map[string]*shape{
			"name": scalar(), "label": textShape(), "kind": scalar(), "options": texts, "required": scalar(), "personal": scalar(),
		}),
	}
}

func sampleShape() *shape {
	return &shape{fields: map[string]*shape{
		"people": {free: true},
		"steps": listOf(map[string]*shape{
			"at": scalar(), "by": scalar(), "new": scalar(), "key": scalar(), "do": scalar(), "of": scalar(), "refused": scalar(),
			"with": {free: true},
		}),
	}}
}

func regulationShape() *shape {
	nodes := &shape{list: true}
	nodes.fields = map[string]*shape{
		"id": scalar(), "number": scalar(), "level": scalar(), "title": textShape(), "text": textShape(),
		"post": scalar(), "params": {free: true}, "note": textShape(), "nodes": nodes,
		"controls": words(), "room": scalar(),
	}
	return &shape{fields: map[string]*shape{
		"id": scalar(), "title": textShape(), "summary": textShape(), "body": textShape(), "review_every": scalar(),
		"cover": {fields: map[string]*shape{"units": words(), "posts": words()}},
		"governance": {fields: map[string]*shape{
			"rank": scalar(), "accountable": scalar(), "approvers": words(), "quorum": scalar(), "interpreters": words(), "final_body": words(),
		}},
		"nodes": nodes,
	}}
}

// checkShape reports the first field or kind of value that s does not allow.
func checkShape(file string, n *yaml.Node, s *shape) error {
	if n.Kind == yaml.AliasNode {
		return malformed(file, n.Line, n.Column, "pack.load.alias", n.Value)
	}
	if s.free {
		return nil
	}
	if s.list {
		if n.Kind != yaml.SequenceNode {
			return malformed(file, n.Line, n.Column, "pack.load.want_list", n.Value)
		}
		item := &shape{fields: s.fields}
		for _, c := range n.Content {
			if err := checkShape(file, c, item); err != nil {
				return err
			}
		}
		return nil
	}
	if s.fields == nil {
		if n.Kind != yaml.ScalarNode {
			return malformed(file, n.Line, n.Column, "pack.load.want_scalar", n.Value)
		}
		return nil
	}
	return checkFields(file, n, s)
}

func checkFields(file string, n *yaml.Node, s *shape) error {
	if n.Kind != yaml.MappingNode {
		return malformed(file, n.Line, n.Column, "pack.load.want_mapping", n.Value)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		field, ok := s.fields[key.Value]
		if !ok {
			return malformed(file, key.Line, key.Column, "pack.load.unknown_field", key.Value)
		}
		if err := checkShape(file, n.Content[i+1], field); err != nil {
			return err
		}
	}
	return nil
}
