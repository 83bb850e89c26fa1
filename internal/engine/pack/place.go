package pack

import "go.yaml.in/yaml/v3"

// Place is a position in a file of a pack. Lines and columns count from 1.
type Place struct {
	File         string
	Line, Column int
}

// places finds the top-level fields of a file, and in its lists the items by their key.
type places map[string]Place

func placesOf(file string, root *yaml.Node) places {
	out := places{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		out[name.Value] = Place{file, name.Line, name.Column}
		if value.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range value.Content {
			for j := 0; j+1 < len(item.Content); j += 2 {
				if item.Kind == yaml.MappingNode && item.Content[j].Value == "key" {
					out[name.Value+" "+item.Content[j+1].Value] = Place{file, item.Line, item.Column}
				}
			}
		}
	}
	return out
}

// find returns the place of an item, of its list where the item has none, and the top of the file otherwise. An item
// whose key is used twice is found where it stands last.
func (p places) find(file, field, key string) Place {
	for _, name := range []string{field + " " + key, field} {
		if at, ok := p[name]; ok {
			return at
		}
	}
	return Place{file, 1, 1}
}

func (p *Pack) at(field, key string) Place { return p.places.find(p.File, field, key) }

func (r *Regulation) at(field string) Place { return r.places.find(r.File, field, "") }
