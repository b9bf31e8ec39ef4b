// ICE restart in text: the trickle fragment we send, and the server's answer put into the known description.

function line(sdp: string, key: string): string | null {
  return new RegExp(`^a=${key}:(.*)$`, 'm').exec(sdp)?.[1]?.trim() ?? null
}

/** application/trickle-ice-sdpfrag (RFC 8840) with the new credentials of a local description. */
export function restartFragment(local: string): string {
  const mid = line(local, 'mid') ?? '0'
  const media = /^m=\S+/m.exec(local)?.[0] ?? 'm=audio'
  return [
    `a=ice-ufrag:${line(local, 'ice-ufrag') ?? ''}`,
    `a=ice-pwd:${line(local, 'ice-pwd') ?? ''}`,
    `${media} 9 UDP/TLS/RTP/SAVPF 0`,
    `a=mid:${mid}`,
    '',
  ].join('\r\n')
}

/** The remote description with the credentials of the server's fragment in every section. */
export function withCredentials(remote: string, fragment: string): string {
  const ufrag = line(fragment, 'ice-ufrag')
  const pwd = line(fragment, 'ice-pwd')
  if (!ufrag || !pwd) throw new Error('the answer to an ICE restart has no credentials')
  return remote
    .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${ufrag}`)
    .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${pwd}`)
}
