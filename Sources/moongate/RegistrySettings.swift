// RegistrySettings: the sections `[registry NAME]` of the operator's configuration: where snippets come from.
//
//   [registry team]
//   url = ~/work/snippets                              a folder, or a git checkout
//
//   [registry shared]
//   url = https://snippets.example.com/index.json      an index, as `moongate snippet publish` writes it
//   ca_bundle = /etc/ssl/private-ca.pem                whose certificates are believed there
import AWSCore
import Host
import Library
import Scripts

struct RegistrySettings: Equatable {
  let name: String
  var url = ""
  var caBundle: String?

  /// - Throws: what is wrong with the name, for people.
  static func problem(withName name: String) -> String? {
    if name == BundledRegistry.itsName { return "the library that comes with moongate is called so" }
    return SnippetReference.isName(name)
      ? nil : "a registry's name has small letters, digits and dashes, as in [registry team]"
  }

  /// Why a place cannot be one; nil where it can.
  static func problem(withPlace place: String) -> String? {
    if place.hasPrefix("/") || place.hasPrefix("~/"), !place.unicodeScalars.contains(where: \.isHidden) {
      return nil
    }
    guard let url = URLParts(place), url.query == nil else {
      return "url is a folder by its whole path, as in ~/snippets, or https://HOST/index.json"
    }
    guard url.scheme == "https" || url.isLoopback else {
      return "a registry on another machine is read over https"
    }
    return nil
  }

  func registry(_ environment: Environment, _ store: SnippetStore) -> any SnippetRegistry {
    guard var url = URLParts(url) else {
      return FolderRegistry(name: name, path: environment.expanded(self.url))
    }
    if url.path.hasSuffix("/") { url.path += SnippetIndex.fileName }
    let bundle = caBundle ?? environment.variable("AWS_CA_BUNDLE")
    return IndexRegistry(
      name: name, url: url, download: Download(caBundle: bundle.map(environment.expanded)), store: store
    ) { Command.tell("moongate: \($0)") }
  }
}

extension Arguments {
  /// Whether a file may lie in the store or in a registry's folder, as far as can be told without reading anything.
  func mayHoldSnippets(_ file: String) -> Bool {
    let environment = Environment.process()
    let folders =
      registries.map { environment.expanded($0.url) } + [SnippetStore(environment)?.path].compactMap(\.self)
    return folders.contains { SnippetStore.isPlace($0, of: file) }
  }

  /// Where the operator's snippets are kept.
  func snippetStore(_ environment: Environment = .process()) throws(Report) -> SnippetStore {
    guard let store = SnippetStore(environment) else {
      throw Report(
        message: "there is no home folder to keep snippets in; set HOME or XDG_DATA_HOME",
        exitCode: ExitCode.configuration)
    }
    return store
  }

  /// The operator's snippets.
  func snippets() throws(Report) -> Snippets {
    let environment = Environment.process()
    let store = try snippetStore(environment)
    let bundled = BundledRegistry(Library.snippets.map { ($0.name, $0.source) })
    return Snippets(
      registries: registries.map { $0.registry(environment, store) }, bundled: bundled, store: store,
      trust: try trust.trust(environment))
  }
}
