"""The files of a project and what they import from each other; nothing is executed."""

from __future__ import annotations

import ast
from typing import Final, Protocol

from opforge._frontend.guards import list_imports
from opforge._frontend.libraries import CONTAINER_CLASSES, suggest_library, suggest_name
from opforge._frontend.names import hint_for
from opforge._frontend.problems import Problems
from opforge._frontend.source import parse_source
from opforge._frontend.symbols import (
    ENTRY_MODULE,
    Broken,
    ImportedName,
    Module,
    ModuleSymbol,
    NameOf,
    VocabularySymbol,
)
from opforge._frontend.vocabulary import FLOAT_FUNCTIONS, LIBRARIES, NAMESPACES
from opforge_ir.codes.containers import E_CONTAINER_CLASS
from opforge_ir.codes.limits import E_PROGRAM_TOO_LARGE
from opforge_ir.codes.operators import E_FLOAT_FUNCTION
from opforge_ir.codes.source import (
    E_IMPORT_CYCLE,
    E_IMPORT_FORM,
    E_IMPORT_NAME,
    E_IMPORT_OUTSIDE,
    E_MODULE_SHADOWED,
    E_SOURCE_NOT_FOUND,
)
from opforge_ir.diagnostics import Span

__all__ = ["MAX_FILES", "Project", "SourceFiles"]

MAX_FILES: Final = 500

_Target = VocabularySymbol | ModuleSymbol | NameOf | Broken


class SourceFiles(Protocol):
    """Where the files of a project come from."""

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at this path from the project's root, with forward slashes, or None."""
        ...


class Project:
    """Loads the entry file and, transitively, the files that it imports."""

    def __init__(self, files: SourceFiles, problems: Problems) -> None:
        self._files = files
        self._problems = problems
        self._bytes: dict[str, bytes | None] = {}
        self._entry_path = ""
        self._loaded: dict[str, Module | None] = {}
        self._loading: list[str] = []
        self.modules: list[Module] = []
        """Every file that could be parsed; those that are imported stand before those that import them."""

    def load_entry(self, path: str) -> Module | None:
        """Load the whole project from its entry file."""
        self._entry_path = path
        return self._load(ENTRY_MODULE, path)

    def forget_symbols(self) -> None:
        """Take files and definitions apart: they hold each other, and would wait for the cyclic collector."""
        for module in self.modules:
            module.symbols.clear()

    def _read(self, path: str) -> bytes | None:
        if path not in self._bytes:
            self._bytes[path] = self._files.read(path)
        return self._bytes[path]

    def _load(self, name: str, path: str) -> Module | None:
        data = self._read(path)
        if data is None:
            self._problems.add(E_SOURCE_NOT_FOUND.at(Span(path, 1, 1, 1, 1), path=path))
            return None
        source = parse_source(path, data, self._problems)
        self._loaded[name] = None
        if source is None:
            return None
        module = Module(name, source, self._problems)
        self._loaded[name] = module
        self._loading.append(name)
        for statement in list_imports(source.tree.body, module.imports):
            if isinstance(statement, ast.ImportFrom):
                self._import_names(module, statement)
                continue
            for alias in statement.names:
                self._import_module(module, alias)
        self._loading.pop()
        self.modules.append(module)
        return module

    def _import_module(self, module: Module, alias: ast.alias) -> None:
        top = alias.name.partition(".")[0]
        target: _Target = Broken()
        if top in LIBRARIES:
            if alias.name not in NAMESPACES or alias.name == "__future__":
                _report_outside(module, alias, alias.name)
            elif not self._is_shadowed(module, alias, top):
                target = VocabularySymbol(alias.name if alias.asname else top)
        elif "." in alias.name and not alias.asname:
            module.report(E_IMPORT_FORM, alias, reason="it binds only the first part of a dotted name")
        else:
            found = self._find(module, alias, alias.name)
            target = ModuleSymbol(found) if found is not None else Broken()
        module.imports.append(ImportedName(alias.asname or top, alias, target))

    def _import_names(self, module: Module, statement: ast.ImportFrom) -> None:
        base = self._absolute(module, statement)
        top = base.partition(".")[0] if base else ""
        is_library = not statement.level and top in LIBRARIES
        found: Module | None = None
        if is_library:
            if base not in NAMESPACES:
                _report_outside(module, statement, base or "")
                base = None
            elif self._is_shadowed(module, statement, top):
                base = None
            elif base == "__future__":
                module.has_lazy_annotations |= any(a.name == "annotations" for a in statement.names)
        elif base is not None and not self._is_folder_of(module, base, statement):
            found = self._find(module, statement, base)
        for alias in statement.names:
            target: _Target = Broken()
            if alias.name == "*":
                module.report(E_IMPORT_FORM, statement, reason="a star does not say which names it brings")
                continue
            if is_library and base is not None:
                target = _library_name(module, alias, base)
            elif base is not None and found is not None:
                target = self._project_name(module, alias, base, found)
            elif base is not None and self._is_folder_of(module, base, statement):
                below = self._find(module, alias, f"{base}.{alias.name}")
                target = ModuleSymbol(below) if below is not None else Broken()
            module.imports.append(ImportedName(alias.asname or alias.name, alias, target))

    def _is_folder_of(self, module: Module, base: str, statement: ast.ImportFrom) -> bool:
        """Whether the names are files of a package that has no file of its own (PEP 420) or imports them."""
        is_folder = self._path_of(base) is None or base == module.name
        return is_folder and all(self._path_of(f"{base}.{alias.name}") for alias in statement.names)

    def _project_name(self, module: Module, alias: ast.alias, base: str, found: Module) -> _Target:
        """What a name of a project file is; in a package without such a name, a file below it."""
        inner = f"{base}.{alias.name}"
        if found.is_package and not _defines(found, alias.name) and self._path_of(inner) is not None:
            below = self._find(module, alias, inner)
            return ModuleSymbol(below) if below is not None else Broken()
        return NameOf(found, alias.name)

    def _absolute(self, module: Module, statement: ast.ImportFrom) -> str | None:
        """The full name of the module that `from … import` names; None when that is refused."""
        if not statement.level:
            return statement.module or ""
        parts = [] if module.is_entry else module.name.split(".")
        climb = statement.level - (1 if module.is_package else 0)
        if climb >= len(parts):
            module.report(E_IMPORT_FORM, statement, reason="it goes above the packages of the project")
            return None
        parts = parts[: len(parts) - climb]
        return ".".join([*parts, *([statement.module] if statement.module else [])])

    def _find(self, module: Module, node: ast.stmt | ast.alias, name: str) -> Module | None:
        """The project file of this module name; the packages that it is in are loaded before it."""
        parts = name.split(".")
        found: Module | None = None
        for count in range(1, len(parts) + 1):
            prefix = ".".join(parts[:count])
            path = self._path_of(prefix)
            if prefix != name and prefix in self._loading:
                continue  # a package may import the files below it
            if path is not None:
                found = self._get(module, node, prefix, path)
                if found is None:
                    return None
            elif count == len(parts):
                _report_outside(module, node, name)
                return None
            # A folder without __init__.py is a package as well (PEP 420).
        return found

    def _get(self, module: Module, node: ast.stmt | ast.alias, name: str, path: str) -> Module | None:
        if path == self._entry_path or name in self._loading:
            known = ENTRY_MODULE if path == self._entry_path else name
            files = [*self._loading[self._loading.index(known) :], known]
            shown = " -> ".join(files).replace(ENTRY_MODULE, "the entry file")
            module.report(E_IMPORT_CYCLE, node, cycle=shown)
            return None
        if name not in self._loaded:
            if len(self._loaded) >= MAX_FILES:
                module.report(E_PROGRAM_TOO_LARGE, node, limit=MAX_FILES, what="files")
                return None
            self._load(name, path)
        return self._loaded[name]

    def _path_of(self, name: str) -> str | None:
        stem = name.replace(".", "/")
        return next((p for p in (f"{stem}/__init__.py", f"{stem}.py") if self._read(p) is not None), None)

    def _is_shadowed(self, module: Module, node: ast.stmt | ast.alias, top: str) -> bool:
        path = self._path_of(top)
        if path is None or top == "__future__":
            return False
        module.report(E_MODULE_SHADOWED, node, path=path, module=top)
        return True


def _defines(module: Module, name: str) -> bool:
    for statement in module.source.tree.body:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                if statement.name == name:
                    return True
            case ast.Assign():
                if any(isinstance(target, ast.Name) and target.id == name for target in statement.targets):
                    return True
            case ast.AnnAssign(target=ast.Name() as target):
                if target.id == name:
                    return True
            case _:
                pass
    return any(imported.name == name for imported in module.imports)


def _library_name(module: Module, alias: ast.alias, base: str) -> VocabularySymbol | Broken:
    if alias.name in NAMESPACES[base]:
        return VocabularySymbol(f"{base}.{alias.name}")
    if base == "math" and alias.name in FLOAT_FUNCTIONS:
        module.report(E_FLOAT_FUNCTION, alias, name=f"math.{alias.name}", instead=FLOAT_FUNCTIONS[alias.name])
        return Broken()
    if base == "collections" and alias.name in CONTAINER_CLASSES:
        instead = CONTAINER_CLASSES[alias.name]
        module.report(E_CONTAINER_CLASS, alias, name=alias.name, instead=instead)
        return Broken()
    hint = suggest_name(base, alias.name) or hint_for(alias.name, NAMESPACES[base])
    module.report(E_IMPORT_NAME, alias, module=base, name=alias.name, hint=hint)
    return Broken()


def _report_outside(module: Module, node: ast.stmt | ast.alias, name: str) -> None:
    module.report(E_IMPORT_OUTSIDE, node, module=name, instead=suggest_library(name))
