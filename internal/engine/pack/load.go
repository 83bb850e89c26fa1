package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"dianke/internal/platform/errs"
)

// Load reads every folder of fsys that holds a pack.yaml, and returns the packs by id. It stops at the first thing it
// cannot read: a Malformed error with the arguments file, line, column and detail. It does not judge whether the
// packs fit together; see [Check].
func Load(fsys fs.FS) ([]*Pack, error) {
	files, err := fs.Glob(fsys, "*/pack.yaml")
	if err != nil {
		return nil, fmt.Errorf("list packs: %w", err)
	}
	slices.Sort(files)
	packs := make([]*Pack, 0, len(files))
	for _, file := range files {
		p, err := loadPack(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("load pack %s: %w", path.Dir(file), err)
		}
		packs = append(packs, p)
	}
	for _, p := range packs {
		expand(packs, p)
	}
	return packs, nil
}

func loadPack(fsys fs.FS, file string) (*Pack, error) {
	dir := path.Dir(file)
	p := &Pack{File: file}
	var err error
	if p.places, err = decodeFile(fsys, file, packShape(), p); err != nil {
		return nil, err
	}
	if p.ID != dir {
		return nil, malformed(file, 1, 1, "pack.load.folder", p.ID)
	}
	if err := p.loadRegulations(fsys, dir); err != nil {
		return nil, err
	}
	if err := p.loadBindings(fsys, dir); err != nil {
		return nil, err
	}
	return p, p.loadSample(fsys, dir)
}

func (p *Pack) loadRegulations(fsys fs.FS, dir string) error {
	files, err := fs.Glob(fsys, dir+"/regulations/*.yaml")
	if err != nil {
		return fmt.Errorf("list regulations: %w", err)
	}
	slices.Sort(files)
	for _, file := range files {
		r := &Regulation{File: file}
		if r.places, err = decodeFile(fsys, file, regulationShape(), r); err != nil {
			return err
		}
		if r.ID+".yaml" != path.Base(file) {
			return malformed(file, 1, 1, "pack.load.file_name", r.ID)
		}
		p.Regulations = append(p.Regulations, r)
	}
	return nil
}

func (p *Pack) loadBindings(fsys fs.FS, dir string) error {
	files, err := fs.Glob(fsys, dir+"/bindings/*.yaml")
	if err != nil {
		return fmt.Errorf("list bindings: %w", err)
	}
	slices.Sort(files)
	for _, file := range files {
		root, err := parseFile(fsys, file)
		if err != nil {
			return err
		}
		if root == nil {
			continue
		}
		if root.Kind != yaml.SequenceNode {
			return malformed(file, root.Line, root.Column, "pack.load.want_list", "bindings")
		}
		for _, item := range root.Content {
			b, err := rawBinding(file, item)
			if err != nil {
				return err
			}
			p.Bindings = append(p.Bindings, b)
		}
	}
	return nil
}

// rawBinding reads one item of a bindings file: clause, exactly one control and perhaps a note.
func rawBinding(file string, item *yaml.Node) (RawBinding, error) {
	b := RawBinding{File: file, Line: item.Line}
	if item.Kind != yaml.MappingNode {
		return b, malformed(file, item.Line, item.Column, "pack.load.want_mapping", "binding")
	}
	for i := 0; i+1 < len(item.Content); i += 2 {
		key, value := item.Content[i], item.Content[i+1]
		switch {
		case key.Value == "clause" && value.Kind == yaml.ScalarNode:
			b.Clause = value.Value
		case key.Value == "note":
			if err := checkShape(file, value, textShape()); err != nil {
				return b, err
			}
			if err := value.Decode(&b.Note); err != nil {
				return b, malformed(file, value.Line, value.Column, "pack.load.value", err.Error())
			}
		case !slices.Contains(Controls(), key.Value):
			return b, malformed(file, key.Line, key.Column, "pack.load.unknown_field", key.Value)
		case b.Control != "":
			return b, malformed(file, key.Line, key.Column, "pack.load.two_controls", b.Control+", "+key.Value)
		default:
			b.Control, b.Node = key.Value, value
		}
	}
	if b.Clause == "" || b.Control == "" {
		return b, malformed(file, item.Line, item.Column, "pack.load.no_control", b.Clause)
	}
	return b, nil
}

// parseFile returns the root node of a file, nil for an empty one; a second document is refused.
func parseFile(fsys fs.FS, file string) (*yaml.Node, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, malformed(file, lineIn(err), 1, "pack.load.syntax", err.Error())
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, malformed(file, more.Line, 1, "pack.load.second_document", "---")
	}
	return doc.Content[0], nil
}

func decodeFile(fsys fs.FS, file string, s *shape, into any) (places, error) {
	root, err := parseFile(fsys, file)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, malformed(file, 1, 1, "pack.load.syntax", "empty")
	}
	if err := checkShape(file, root, s); err != nil {
		return nil, err
	}
	if err := root.Decode(into); err != nil {
		return nil, malformed(file, lineIn(err), 1, "pack.load.value", err.Error())
	}
	return placesOf(file, root), nil
}

// lineIn reads the line from an error of the YAML library, which tells it in words only.
func lineIn(err error) int {
	_, after, ok := strings.Cut(err.Error(), "line ")
	line := 0
	for _, r := range after {
		if r < '0' || r > '9' || !ok {
			break
		}
		line = line*10 + int(r-'0')
	}
	return max(line, 1)
}

func malformed(file string, line, column int, key, detail string) error {
	return &errs.Error{
		Kind: errs.Malformed, Key: key,
		Args:  map[string]any{"file": file, "line": line, "column": column, "detail": detail},
		Cause: fmt.Errorf("%s:%d:%d: %s", file, line, column, detail),
	}
}
